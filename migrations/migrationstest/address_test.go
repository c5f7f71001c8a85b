package migrationstest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestWithDatabase(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"postgres://ann:s%20cret@db.example:5433/postgres?sslmode=disable",
		"postgresql://ann@/postgres?host=%2Ftmp%2Fa%20socket&port=5433",
		"host=/tmp/socket port=5433 user=ann dbname=postgres",
	} {
		before, err := pgx.ParseConfig(address)
		if err != nil {
			t.Fatal(err)
		}
		after, err := pgx.ParseConfig(withDatabase(address, "test_1"))
		if err != nil {
			t.Fatal(err)
		}
		if after.Database != "test_1" || after.Host != before.Host || after.Port != before.Port || after.User != before.User || after.Password != before.Password {
			t.Errorf("%s became %s", address, withDatabase(address, "test_1"))
		}
	}
}
