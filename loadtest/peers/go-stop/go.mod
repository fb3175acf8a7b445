module muster.dev/loadtest/go-stop

go 1.22
