package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// port names the socket's file; nothing listens on TCP.
const (
	port       = "5432"
	socketName = ".s.PGSQL." + port
)

// maxSocketPath is what the shortest sockaddr_un of the systems in use holds
// (macOS: 104 bytes with the closing zero; Linux: 108).
const maxSocketPath = 103

// stateFolder is where root's data goes when the folder that was asked for
// cannot be entered by the server's user.
const stateFolder = "/var/lib/onsale"

// place is where a server lives, and as whom. Below dir are
//
//	lock       held by the process that runs the server; its text is the pid
//	data       the cluster
//	new-*      a cluster that is being made, or whose making was killed
//	socket     the socket's folder, unless its path would be too long
//	engine-*   a repaired copy of npm's PostgreSQL, if one was needed
type place struct {
	wanted string // what was asked for, made absolute
	dir    string
	who    *account // nil: as whoever we are
}

func (p place) data() string     { return filepath.Join(p.dir, "data") }
func (p place) lockFile() string { return filepath.Join(p.dir, "lock") }

// settle decides where the folder is, and with create makes it. Data that is
// there decides first, so that the next start finds what this one wrote, even
// when other folders have become possible or impossible since.
func settle(wanted string, create bool) (place, error) {
	if wanted == "" {
		return place{}, errors.New("no folder was given")
	}
	wanted, err := filepath.Abs(wanted)
	if err != nil {
		return place{}, err
	}
	if os.Geteuid() != 0 {
		if create {
			err = os.MkdirAll(wanted, 0o700)
		}
		return place{wanted: wanted, dir: wanted}, err
	}

	name := nameFor(wanted)
	folders := []string{wanted, filepath.Join(stateFolder, name), filepath.Join(os.TempDir(), "onsale-"+name)}
	for i, dir := range folders {
		if major, err := majorOf(filepath.Join(dir, "data")); (major != 0 || err != nil) && (i == 0 || ownedBy(dir, 0) == nil) {
			return settleIn(wanted, dir, create)
		}
	}
	var reasons []error
	for i, dir := range folders {
		where, err := settleIn(wanted, dir, create)
		if err == nil && create && i > 0 {
			err = ownedBy(dir, 0) // others may write in the temporary folder
		}
		if err == nil {
			return where, nil
		}
		if i == 0 && !errors.Is(err, errCannotEnter) {
			return place{}, err // such as a disk that is not there: to begin elsewhere would look like all is lost
		}
		reasons = append(reasons, err)
	}
	return place{}, fmt.Errorf("no folder can be used: %w", errors.Join(reasons...))
}

// settleIn is what root does: the server will be somebody else, who must be
// able to enter the folder.
func settleIn(wanted, dir string, create bool) (place, error) {
	who, err := accountFor(filepath.Join(dir, "data"))
	if err != nil {
		return place{}, err
	}
	if err := who.enterable(dir, create); err != nil {
		return place{}, err
	}
	return place{wanted: wanted, dir: dir, who: who}, nil
}

// nameFor turns a path into a short name that differs from path to path.
func nameFor(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:8])
}

// makeOpen makes a folder and its parents, such that everybody may pass
// through what was made, and nobody else list it.
func makeOpen(dir string) error {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil {
			break
		} else if !errors.Is(err, os.ErrNotExist) {
			return err
		}
		missing = append(missing, d)
	}
	for _, d := range slices.Backward(missing) {
		if err := os.Mkdir(d, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
		if err := os.Chmod(d, 0o711); err != nil { // Mkdir is subject to the umask
			return err
		}
	}
	return nil
}

// socketFolder returns the folder of the socket. It gives the same answer
// every time.
func (p place) socketFolder() string {
	name := fmt.Sprintf("onsale-%d-%s", p.uid(), nameFor(p.dir))
	folders := []string{filepath.Join(p.dir, "socket"), filepath.Join(os.TempDir(), name), filepath.Join("/tmp", name)}
	for _, dir := range folders {
		if len(filepath.Join(dir, socketName)) <= maxSocketPath {
			return dir
		}
	}
	return folders[len(folders)-1]
}

// makeSocketFolder makes it such that only the server's user, and root, can
// enter it, and clears it of what a killed server left. The caller holds the
// folder's lock and knows that no server is left running.
func (p place) makeSocketFolder() (string, error) {
	dir := p.socketFolder()
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	if err := ownedBy(dir, uint32(os.Geteuid()), p.uid()); err != nil {
		return "", err
	}
	if err := errors.Join(p.who.own(dir), os.Chmod(dir, 0o700)); err != nil {
		return "", err
	}
	for _, name := range []string{socketName, socketName + ".lock"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return dir, nil
}

// uid is whom the server's files belong to.
func (p place) uid() uint32 {
	if p.who != nil {
		return p.who.uid
	}
	return uint32(os.Geteuid())
}
