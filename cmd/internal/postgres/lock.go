package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// patience is for the moment in which Running looks at a lock.
const patience = 300 * time.Millisecond

// acquire takes the lock that a process holds for as long as it runs a server,
// or says who has it. The kernel drops it with the process. The file stays:
// to delete it would let two processes hold two locks of one name.
func acquire(ctx context.Context, path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(patience); ; {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EWOULDBLOCK) || time.Now().After(deadline) || ctx.Err() != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err == nil {
		err = errors.Join(file.Truncate(0), write(file, fmt.Sprintln(os.Getpid())))
	} else if errors.Is(err, unix.EWOULDBLOCK) {
		err = fmt.Errorf("%w (%s)", ErrInUse, holder(path))
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func write(file *os.File, text string) error {
	_, err := file.WriteAt([]byte(text), 0)
	return err
}

// held tells whether some process holds the lock at this moment.
func held(path string) (bool, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	err = unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

// holder says who a lock file names.
func holder(path string) string {
	text, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return "pid " + pid
	}
	return "pid unknown"
}
