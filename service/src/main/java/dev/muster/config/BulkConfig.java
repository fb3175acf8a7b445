package dev.muster.config;

/**
 * How batches are served.
 *
 * @param handling of a batch that states no preference
 * @param workers how many ids are worked on at once
 * @param maxIds how many different ids a batch may have
 * @param maxQueued how many ids may wait for a worker; a batch that would bring more is refused
 * @param maxBufferedBytes how much memory the requests and results of batches may take
 * @param backendShare percent of a backend's connections that batches may have
 * @param deadline for a whole batch
 */
public record BulkConfig(
        Handling handling,
        int workers,
        int maxIds,
        int maxQueued,
        int maxBufferedBytes,
        int backendShare,
        DeadlineConfig deadline) {

    static BulkConfig from(Values values) {
        return new BulkConfig(
                values.get(Keys.BULK_HANDLING),
                values.get(Keys.BULK_WORKERS),
                values.get(Keys.BULK_MAX_IDS),
                values.get(Keys.BULK_MAX_QUEUED),
                values.get(Keys.BULK_MAX_BUFFERED_BYTES),
                values.get(Keys.BULK_BACKEND_SHARE),
                new DeadlineConfig(
                        values.get(Keys.BULK_DEADLINE_DEFAULT),
                        values.get(Keys.BULK_DEADLINE_MAX),
                        values.get(Keys.DEADLINE_RESERVE)));
    }
}
