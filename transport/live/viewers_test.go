//go:build linux

package live_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/google/uuid"
)

// seen is what all viewers have seen together.
type seen struct {
	Frames         int64
	Arrivals, Ages times
}

func newSeen() *seen { return &seen{Arrivals: make(times, 5000), Ages: make(times, 5000)} }

// times counts how often something took so many milliseconds; the last is for all that took longer.
type times []int64

func (t times) add(d time.Duration) { t[min(max(d.Milliseconds(), 0), int64(len(t)-1))]++ }

func (t times) quantile(q float64) float64 {
	var all, below int64
	for _, n := range t {
		all += n
	}
	for ms, n := range t {
		if below += n; below > 0 && float64(below) >= q*float64(all) {
			return float64(ms)
		}
	}
	return 0
}

// A lean viewer is a socket and what has come of a frame. All of them together have one goroutine, so that the machine's
// cores are the server's.
type lean struct {
	socket int
	got    []byte
	shown  time.Duration // when the count on its screen was made, since the epoch
}

// watchAsMany opens the connections, says so in a line, and tells what was seen when its input ends.
func watchAsMany(address string) error {
	n, _ := strconv.Atoi(os.Getenv("VIEWERS_COUNT"))
	nanos, _ := strconv.ParseInt(os.Getenv("VIEWERS_EPOCH"), 10, 64)
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	poll, err := syscall.EpollCreate1(0)
	if err != nil {
		return err
	}
	viewers := make(map[int32]*lean, n)
	for range n {
		v, err := connect(to, os.Getenv("VIEWERS_EVENT"))
		if err != nil {
			return fmt.Errorf("viewer %d: %w", len(viewers), err)
		}
		viewers[int32(v.socket)] = v
		if err := syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, v.socket, &syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(v.socket)}); err != nil {
			return err
		}
	}
	if err := syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, 0, &syscall.EpollEvent{Events: syscall.EPOLLIN | syscall.EPOLLHUP, Fd: 0}); err != nil {
		return err
	}
	fmt.Println("ready")
	seen, epoch, ready := newSeen(), time.Unix(0, nanos), make([]syscall.EpollEvent, 256)
	for {
		n, err := syscall.EpollWait(poll, ready, -1)
		if err != nil && err != syscall.EINTR {
			return err
		}
		for _, event := range ready[:max(n, 0)] {
			if event.Fd == 0 {
				return json.NewEncoder(os.Stdout).Encode(seen)
			}
			if err := viewers[event.Fd].look(seen, epoch); err != nil {
				return err
			}
		}
	}
}

// connect returns a viewer that has been let in and has its snapshot.
func connect(to netip.AddrPort, event string) (*lean, error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	v := &lean{socket: socket}
	if err := syscall.Connect(socket, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		return nil, err
	}
	hello := "GET / HTTP/1.1\r\nHost: " + to.String() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := syscall.Write(socket, []byte(hello)); err != nil {
		return nil, err
	}
	for !bytes.Contains(v.got, []byte("\r\n\r\n")) {
		if err := v.receive(); err != nil {
			return nil, err
		}
	}
	_, v.got, _ = bytes.Cut(v.got, []byte("\r\n\r\n"))
	frames := masked(fmt.Sprintf(`{"type":"auth","token":%q}`, uuid.New()))
	frames = append(frames, masked(fmt.Sprintf(`{"type":"subscribe","events":[%q]}`, event))...)
	if _, err := syscall.Write(socket, frames); err != nil {
		return nil, err
	}
	for wanted := 2; wanted > 0; { // ready and the snapshot
		if v.frame() != nil {
			wanted--
		} else if err := v.receive(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// masked is a text frame of less than 126 bytes with a mask that changes nothing.
func masked(text string) []byte {
	return append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
}

var buffer [64 << 10]byte

func (v *lean) receive() error {
	n, err := syscall.Read(v.socket, buffer[:])
	if err == nil && n == 0 {
		err = io.ErrUnexpectedEOF
	}
	v.got = append(v.got, buffer[:max(n, 0)]...)
	return err
}

// frame takes the text of the next frame out of what has come, nil if it is not whole.
func (v *lean) frame() []byte {
	if len(v.got) < 4 {
		return nil
	}
	from, size := 2, int(v.got[1])
	if size == 126 {
		from, size = 4, int(binary.BigEndian.Uint16(v.got[2:]))
	}
	if len(v.got) < from+size {
		return nil
	}
	text := v.got[from : from+size]
	v.got = v.got[from+size:]
	return text
}

func (v *lean) look(seen *seen, epoch time.Time) error {
	if err := v.receive(); err != nil {
		return err
	}
	now := time.Since(epoch)
	for text := v.frame(); text != nil; text = v.frame() {
		made := madeAt(text)
		seen.Arrivals.add(now - made)
		if v.shown > 0 {
			seen.Ages.add(now - v.shown)
		}
		v.shown = made
		seen.Frames++
	}
	if len(v.got) == 0 {
		v.got = nil
	}
	return nil
}

// madeAt reads the time of the last change out of a frame.
func madeAt(frame []byte) time.Duration {
	_, rest, _ := bytes.Cut(frame, []byte(`"remainingTickets":`))
	number, _, _ := bytes.Cut(rest, []byte(`,`))
	micros, _ := strconv.ParseInt(string(number), 10, 64)
	return time.Duration(micros) * time.Microsecond
}
