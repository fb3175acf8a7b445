package dev.muster.demo;

import dev.muster.config.BackendName;
import dev.muster.demo.Person.Entry;
import dev.muster.demo.Person.Friend;
import dev.muster.demo.Person.Post;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * All people: some from {@code people.json}, the others made from a hash of the id, always the same. Immutable.
 */
final class DemoData {

    private static final String NOBODY = "nobody";

    private final Map<String, Person> known;
    private final Words words;

    private DemoData(People people) {
        known = people.people().stream().collect(Collectors.toUnmodifiableMap(Person::id, Function.identity()));
        words = people.generated();
    }

    static DemoData load() throws IOException {
        try (InputStream people = Objects.requireNonNull(DemoData.class.getResourceAsStream("people.json"))) {
            return new DemoData(new JsonMapper().readValue(people, People.class));
        }
    }

    /** The person with this id (without faults); null for {@code nobody}. */
    @Nullable
    Person find(String id) {
        if (id.equals(NOBODY)) {
            return null;
        }
        Person person = known.get(id);
        return person != null ? person : generate(id);
    }

    /** The same person with other numbers of posts and friends: the own ones repeated, the ids of the friends numbered. */
    static Person withItems(Person person, int items) {
        List<String> friends = IntStream.range(0, items)
                .mapToObj(i -> person.friends().get(i % person.friends().size())
                        + (i < person.friends().size() ? "" : "-" + i))
                .toList();
        List<Entry> posts = IntStream.range(0, items)
                .mapToObj(i -> person.posts().get(i % person.posts().size()))
                .toList();
        return new Person(person.id(), person.name(), person.city(), person.occupation(), friends, posts);
    }

    /** The data of a backend about a person. A backend without demo data has an empty list. */
    Object of(BackendName backend, Person person, String idAskedFor) {
        return switch (backend) {
            case USER -> user(person, idAskedFor);
            case POSTS -> posts(person);
            case FRIENDS -> friends(person);
            default -> List.of();
        };
    }

    private Person.User user(Person person, String idAskedFor) {
        String username = person.id().toLowerCase(Locale.ROOT);
        return new Person.User(
                idAskedFor, person.name(), username, username + "@example.org", person.city(), person.occupation());
    }

    private List<Post> posts(Person person) {
        return IntStream.range(0, person.posts().size())
                .mapToObj(i -> post(person.id() + "-" + (i + 1), person.posts().get(i)))
                .toList();
    }

    private static Post post(String id, Entry entry) {
        return new Post(id, entry.title(), entry.body(), "en");
    }

    private List<Friend> friends(Person person) {
        return person.friends().stream().map(id -> new Friend(id, name(id))).toList();
    }

    private String name(String id) {
        Person person = known.get(id);
        return person != null ? person.name() : generatedName(id, dice(id));
    }

    private Person generate(String id) {
        var dice = dice(id);
        String name = generatedName(id, dice);
        String city = pick(dice, words.cities());
        String occupation = pick(dice, words.occupations());
        return new Person(id, name, city, occupation, generateFriends(id, dice), generatePosts(dice));
    }

    /** The name in an id such as {@code rosa-weber}: the ids of made-up friends have this form. */
    private String generatedName(String id, Random dice) {
        String firstName = pick(dice, words.firstNames());
        String lastName = pick(dice, words.lastNames());
        int dash = id.indexOf('-');
        String first = id.substring(0, Math.max(dash, 0));
        String last = id.substring(dash + 1);
        return isWord(first) && isWord(last) ? capital(first) + " " + capital(last) : firstName + " " + lastName;
    }

    private static boolean isWord(String text) {
        return !text.isEmpty() && text.chars().allMatch(Character::isLetter);
    }

    private static String capital(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private List<String> generateFriends(String id, Random dice) {
        int count = 2 + dice.nextInt(4);
        var friends = new ArrayList<String>(count);
        while (friends.size() < count) {
            String friend =
                    (pick(dice, words.firstNames()) + "-" + pick(dice, words.lastNames())).toLowerCase(Locale.ROOT);
            if (!friend.equals(id) && !friends.contains(friend)) {
                friends.add(friend);
            }
        }
        return friends;
    }

    private List<Entry> generatePosts(Random dice) {
        int count = 2 + dice.nextInt(3);
        var posts = new ArrayList<Entry>(count);
        for (int i = 0; i < count; i++) {
            String title = pick(dice, words.titles()).replace("%s", pick(dice, words.topics()));
            posts.add(new Entry(title, pick(dice, words.bodies())));
        }
        return posts;
    }

    /** The same numbers for the same id on every JVM: String.hashCode and Random are specified. */
    private static Random dice(String id) {
        // Close seeds, such as the hashes of u1 and u2, give similar first numbers.
        return new Random(id.hashCode() * 0x9E3779B97F4A7C15L);
    }

    private static String pick(Random dice, List<String> list) {
        return list.get(dice.nextInt(list.size()));
    }

    record People(List<Person> people, Words generated) {}

    record Words(
            List<String> firstNames,
            List<String> lastNames,
            List<String> cities,
            List<String> occupations,
            List<String> topics,
            List<String> titles,
            List<String> bodies) {}
}
