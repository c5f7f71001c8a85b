package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// account is the ordinary user that root becomes for the server, which
// refuses to run as root. A nil account stays what it is.
type account struct {
	name   string
	uid    uint32
	gid    uint32
	groups []uint32
}

// accountFor chooses the owner of existing data, else postgres, else nobody.
func accountFor(data string) (*account, error) {
	if info, err := os.Stat(data); err == nil {
		if uid := owner(info); uid != 0 {
			if found, err := user.LookupId(strconv.FormatUint(uint64(uid), 10)); err == nil {
				return newAccount(found)
			}
			gid := info.Sys().(*syscall.Stat_t).Gid
			return &account{name: strconv.FormatUint(uint64(uid), 10), uid: uid, gid: gid}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			return newAccount(found)
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
}

func newAccount(u *user.User) (*account, error) {
	ids, err := u.GroupIds()
	if err != nil {
		ids = []string{u.Gid}
	}
	numbers := make([]uint32, 0, len(ids)+2)
	for _, id := range append([]string{u.Uid, u.Gid}, ids...) {
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("user %s: %w", u.Username, err)
		}
		numbers = append(numbers, uint32(n))
	}
	return &account{name: u.Username, uid: numbers[0], gid: numbers[1], groups: numbers[2:]}, nil
}

// become makes cmd run as the account, in a process group of its own so that
// a Ctrl-C in the terminal reaches only us, and has the kernel send it last
// when we die, where the kernel can.
func (a *account) become(cmd *exec.Cmd, last syscall.Signal) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	followParent(cmd.SysProcAttr, last)
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid, Groups: a.groups}
	}
}

// own gives path to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Lchown(path, int(a.uid), int(a.gid))
}

// ownAll gives a tree that belongs to root to the account, such as a backup
// that root has put back. The top comes last: it tells that all is done.
func (a *account) ownAll(root string) error {
	info, err := os.Stat(root)
	if err != nil {
		return err
	}
	if a == nil || owner(info) == a.uid {
		return nil
	}
	err = filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		return a.own(path)
	})
	if err != nil {
		return err
	}
	return a.own(root)
}

// enterable finds out whether the account can enter dir, or could if it were
// made, by trying. With create it is made first.
func (a *account) enterable(dir string, create bool) error {
	nearest := dir
	for {
		info, err := os.Stat(nearest)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("%s is not a folder", nearest)
		}
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrNotExist) {
			return err
		}
		nearest = filepath.Dir(nearest)
	}
	if err := a.enter(nearest); err != nil {
		return err
	}
	if nearest == dir || !create {
		return nil
	}
	if err := makeOpen(dir); err != nil {
		return err
	}
	return a.enter(dir)
}

// errCannotEnter is the one reason for which root's data goes elsewhere.
var errCannotEnter = errors.New("cannot enter")

func (a *account) enter(dir string) error {
	cmd := exec.Command("/bin/sh", "-c", ":")
	cmd.Dir = dir
	a.become(cmd, syscall.SIGTERM)
	if err := run(cmd); err != nil {
		return fmt.Errorf("user %s %w %s: %w", a.name, errCannotEnter, dir, err)
	}
	return nil
}

// ownedBy returns an error unless path is a folder, no link, of one of these users.
func ownedBy(path string, uids ...uint32) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() || !slices.Contains(uids, owner(info)) {
		return fmt.Errorf("%s is in the way: it is not a folder of user %d", path, uids[0])
	}
	return nil
}

func owner(info fs.FileInfo) uint32 {
	return info.Sys().(*syscall.Stat_t).Uid
}
