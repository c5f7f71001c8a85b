package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// watch connects a viewer for each token, calls ready when all watch the event, and returns what they saw when ctx ends.
//
// A viewer is a socket and no more, and all of them together have one goroutine, so that the machine's cores are the
// server's. They do what a browser does: drop what is older than what they know, and answer pings.
func watch(ctx context.Context, address, event string, tokens []string, ready func()) (*watched, error) {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	poll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("watch: %w", err)
	}
	defer syscall.Close(poll)
	viewers := make(map[int32]*spectator, len(tokens))
	for i, token := range tokens {
		v, err := newSpectator(to, token, event, 0)
		if err != nil {
			return nil, fmt.Errorf("viewer %d: %w", i+1, err)
		}
		defer v.hangUp()
		viewers[int32(v.socket)] = v
		interest := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(v.socket)}
		if err := syscall.EpollCtl(poll, syscall.EPOLL_CTL_ADD, v.socket, &interest); err != nil {
			return nil, fmt.Errorf("viewer %d: %w", i+1, err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	ready()
	return look(ctx, poll, viewers)
}

// glance is how long to wait for frames before ctx is looked at again, in milliseconds.
const glance = 50

func look(ctx context.Context, poll int, viewers map[int32]*spectator) (*watched, error) {
	seen, ready := newWatched(), make([]syscall.EpollEvent, 256)
	for ctx.Err() == nil {
		n, err := syscall.EpollWait(poll, ready, glance)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return nil, fmt.Errorf("watch: %w", err)
		}
		for _, event := range ready[:max(n, 0)] {
			if err := viewers[event.Fd].look(seen); err != nil {
				return nil, fmt.Errorf("a viewer was left after %d frames: %w", seen.Frames, err)
			}
		}
	}
	return seen, nil
}

// A spectator is a connected viewer.
type spectator struct {
	socket  int
	got     []byte // of frames that are not whole
	version int64  // the newest it knows; 0: none that was made while it watched
}

// newSpectator returns a viewer that has been let in and has its snapshot. buffer is how many bytes the kernel keeps for it, as
// SO_RCVBUF takes it; 0: as many as it likes.
func newSpectator(to netip.AddrPort, token, event string, buffer int) (*spectator, error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("%w (see ulimit -n)", err)
	}
	v := &spectator{socket: socket}
	if buffer > 0 {
		if err := syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_RCVBUF, buffer); err != nil {
			return nil, err
		}
	}
	// Hung up by a reset: ten thousand ports would be taken for a minute.
	if err := syscall.SetsockoptLinger(socket, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1}); err != nil {
		return nil, err
	}
	if err := syscall.Connect(socket, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		return nil, err
	}
	hello := "GET /live HTTP/1.1\r\nHost: " + to.String() + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	if _, err := syscall.Write(socket, []byte(hello)); err != nil {
		return nil, err
	}
	for !bytes.Contains(v.got, []byte("\r\n\r\n")) {
		if err := v.receive(); err != nil {
			return nil, err
		}
	}
	head, rest, _ := bytes.Cut(v.got, []byte("\r\n\r\n"))
	if !bytes.HasPrefix(head, []byte("HTTP/1.1 101 ")) {
		return nil, fmt.Errorf("answered %q", head)
	}
	v.got = rest
	frames := masked(opText, fmt.Sprintf(`{"type":"auth","token":%q}`, token))
	frames = append(frames, masked(opText, fmt.Sprintf(`{"type":"subscribe","events":[%q]}`, event))...)
	if _, err := syscall.Write(socket, frames); err != nil {
		return nil, err
	}
	for wanted := 2; wanted > 0; { // ready, and the snapshot
		if opcode, _ := v.frame(); opcode == opText {
			wanted--
		} else if err := v.receive(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *spectator) hangUp() { _ = syscall.Close(v.socket) }

// look takes in what has come.
func (v *spectator) look(seen *watched) error {
	if err := v.receive(); err != nil {
		return err
	}
	now := time.Now()
	for opcode, payload := v.frame(); opcode != 0; opcode, payload = v.frame() {
		switch opcode {
		case opText:
			if version := versionIn(payload); version > v.version {
				seen.see(now, version, v.version)
				v.version = version
			}
		case opPing:
			if _, err := syscall.Write(v.socket, masked(opPong, string(payload))); err != nil {
				return err
			}
		case opClose:
			return fmt.Errorf("closed by the node: %q", payload[min(2, len(payload)):])
		}
	}
	if len(v.got) == 0 {
		v.got = nil
	}
	return nil
}

var received [64 << 10]byte // what one read takes; there is one reader

func (v *spectator) receive() error {
	n, err := syscall.Read(v.socket, received[:])
	if errors.Is(err, syscall.EINTR) {
		return nil
	}
	if err == nil && n == 0 {
		err = io.ErrUnexpectedEOF
	}
	v.got = append(v.got, received[:max(n, 0)]...)
	return err
}

// Opcodes of RFC 6455, of frames that are whole messages.
const (
	opText  = 0x81
	opClose = 0x88
	opPing  = 0x89
	opPong  = 0x8a
)

// frame takes the next frame out of what has come; its opcode is 0 when it is not whole.
func (v *spectator) frame() (opcode byte, payload []byte) {
	if len(v.got) < 2 {
		return 0, nil
	}
	from, size := 2, int(v.got[1])
	if size == 126 {
		if len(v.got) < 4 {
			return 0, nil
		}
		from, size = 4, int(binary.BigEndian.Uint16(v.got[2:]))
	}
	if len(v.got) < from+size {
		return 0, nil
	}
	opcode, payload = v.got[0], v.got[from:from+size]
	v.got = v.got[from+size:]
	return opcode, payload
}

// masked is a frame from a client, of up to 64 KiB, with a mask that changes nothing.
func masked(opcode byte, payload string) []byte {
	frame := []byte{opcode, 0x80 | byte(len(payload))}
	if len(payload) >= 126 {
		frame = binary.BigEndian.AppendUint16([]byte{opcode, 0x80 | 126}, uint16(len(payload)))
	}
	return append(append(frame, 0, 0, 0, 0), payload...)
}

// versionIn reads the sale's version out of a frame about one event, 0 if it has none.
func versionIn(frame []byte) int64 {
	_, rest, _ := bytes.Cut(frame, []byte(`"version":`))
	digits, _, _ := bytes.Cut(rest, []byte(`,`))
	version, _ := strconv.ParseInt(string(digits), 10, 64)
	return version
}
