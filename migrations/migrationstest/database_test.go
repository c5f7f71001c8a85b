package migrationstest_test

import (
	"testing"

	"onsale/migrations"
	"onsale/migrations/migrationstest"
)

func TestDatabase(t *testing.T) {
	t.Parallel()
	t.Run("has all migrations", func(t *testing.T) {
		t.Parallel()
		var version int32
		err := migrationstest.Pool(t).QueryRow(t.Context(), "SELECT version FROM schema_version").Scan(&version)
		if err != nil || version != migrations.Latest() {
			t.Fatalf("version %d, %v; want %d", version, err, migrations.Latest())
		}
	})
	t.Run("is no other test's", func(t *testing.T) {
		t.Parallel()
		a, b := migrationstest.Pool(t), migrationstest.Pool(t)
		if _, err := a.Exec(t.Context(), "CREATE TABLE mine ()"); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Exec(t.Context(), "CREATE TABLE mine ()"); err != nil {
			t.Fatal(err)
		}
	})
}
