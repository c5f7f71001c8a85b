package postgres

import (
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// syncTree returns when all files and folders below root are on disk. Many at
// once cost little more than one, for they share the commits of the file
// system's journal.
func syncTree(root string) error {
	var group errgroup.Group
	group.SetLimit(32)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && (entry.IsDir() || entry.Type().IsRegular()) {
			group.Go(func() error { return fsync(path) })
		}
		return err
	})
	if waited := group.Wait(); err == nil {
		err = waited
	}
	return err
}

// fsync hands a file to the disk. On macOS the disk may still keep it in its
// cache; syncFile, which is dear there, empties that.
func fsync(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return unix.Fsync(int(file.Fd()))
}

func syncFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return file.Sync()
}
