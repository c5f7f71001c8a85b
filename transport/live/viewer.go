package live

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"onsale/command/identity"
)

// A viewer is one connection. It has one goroutine that reads, and one that writes only while there is something to write.
// The one that reads closes the connection, and the hub waits for both.
type viewer struct {
	writers *sync.WaitGroup // the hub's
	metrics *metrics        // the hub's
	conn    *websocket.Conn
	since   time.Time
	address string // it came from
	frames  int    // sent; known once said is closed

	// Guarded by the hub.
	caller  identity.Caller
	watched map[uuid.UUID]int // events, and the place in their audience
	all     int               // the place among those who watch everything, from 1; 0: none
	pinged  time.Time

	mu       sync.Mutex // taken after the hub's, if both
	writing  bool
	ping     bool
	replies  []*websocket.PreparedMessage             // in order
	counts   map[uuid.UUID]*websocket.PreparedMessage // the newest frame about each event
	farewell *Close
	stuck    bool          // it did not take a frame in time
	said     chan struct{} // closed when the farewell is sent, or cannot be
}

// newViewer keeps little for the connection in the kernel: what waits there cannot be replaced by what is newer.
func newViewer(conn *websocket.Conn, h *Hub) *viewer {
	if socket, ok := conn.NetConn().(interface{ SetWriteBuffer(int) error }); ok {
		_ = socket.SetWriteBuffer(sendBuffer) // else what waits there is what the kernel holds
	}
	conn.SetReadLimit(maxFrame)
	now := time.Now()
	return &viewer{conn: conn, writers: &h.running, metrics: h.metrics, since: now, pinged: now, said: make(chan struct{})}
}

// reply sends a frame after those that were sent before.
func (v *viewer) reply(frame *websocket.PreparedMessage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.replies = append(v.replies, frame)
	v.write()
}

// backlog is how many replies wait to be taken.
func (v *viewer) backlog() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.replies)
}

// show sends the counts of an event, in place of older ones that the viewer has not taken yet.
func (v *viewer) show(event uuid.UUID, frame *websocket.PreparedMessage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.farewell != nil {
		return
	}
	if v.counts == nil {
		v.counts = make(map[uuid.UUID]*websocket.PreparedMessage)
	}
	if v.counts[event] != nil {
		v.metrics.replaced.Inc()
	}
	v.counts[event] = frame
	v.write()
}

func (v *viewer) sendPing() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ping = true
	v.write()
}

// await bounds how long the next sign of life may take.
func (v *viewer) await(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.farewell == nil {
		v.conn.SetReadDeadline(time.Now().Add(d))
	}
}

// close says why and gives the viewer a little time to answer; the first reason counts. It does not wait.
func (v *viewer) close(why Close) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.farewell == nil {
		v.farewell = &why
		v.conn.NetConn().SetDeadline(time.Now().Add(closeTimeout))
		v.write()
	}
}

// why is the reason that counts, once there is one.
func (v *viewer) why() Close {
	v.mu.Lock()
	defer v.mu.Unlock()
	return *v.farewell
}

// isGone reports whether what ended the reading means that the viewer left, and not that it took no frame, or gave no sign of
// life, in time.
func (v *viewer) isGone(err error) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !v.stuck && !isTimeout(err)
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// linger reads on until the viewer has heard the farewell and hung up, or has had its time, and then closes the connection:
// closing while something unread comes in would take the farewell back.
func (v *viewer) linger() {
	err := error(nil)
	for err == nil {
		_, _, err = v.conn.NextReader()
	}
	<-v.said
	if _, answered := errors.AsType[*websocket.CloseError](err); !answered {
		v.discard()
	}
	v.conn.Close()
}

// discard takes in what a viewer sends of whom nothing more can be understood, or wants to be, until it hangs up, or has had its time.
func (v *viewer) discard() {
	conn := v.conn.NetConn()
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // else it hangs up later
	}
	_, _ = io.Copy(io.Discard, conn)
}

// write starts the writer unless it is at it. The caller has the lock.
func (v *viewer) write() {
	if !v.writing {
		v.writing = true
		v.writers.Go(v.drain)
	}
}

// drain writes until there is nothing left to write. It ends by itself: a frame that is not taken in time ends the
// connection.
func (v *viewer) drain() {
	for {
		v.mu.Lock()
		farewell, ping, frame := v.farewell, v.ping, v.take()
		v.ping = false
		v.writing = farewell != nil || ping || frame != nil
		v.mu.Unlock()
		switch {
		case farewell != nil: // and stay writing, so that nobody starts another
			message := websocket.FormatCloseMessage(farewell.Code, farewell.Reason)
			v.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(closeTimeout))
			close(v.said)
			return
		case frame == nil && !ping:
			return
		}
		if err := v.send(frame, ping); err != nil {
			v.mu.Lock()
			v.stuck = isTimeout(err)
			v.mu.Unlock()
			v.conn.Close() // in the middle of a frame there is no way to say why
			close(v.said)
			return
		}
	}
}

// take takes out the next frame to send, if there is one: replies go first. The caller has the lock.
func (v *viewer) take() (frame *websocket.PreparedMessage) {
	if len(v.replies) > 0 {
		frame, v.replies = v.replies[0], v.replies[1:]
		if len(v.replies) == 0 {
			v.replies = nil
		}
		return frame
	}
	for event, frame := range v.counts {
		delete(v.counts, event)
		return frame
	}
	return nil
}

func (v *viewer) send(frame *websocket.PreparedMessage, ping bool) error {
	deadline := time.Now().Add(writeTimeout)
	if frame != nil {
		v.conn.SetWriteDeadline(deadline)
		if err := v.conn.WritePreparedMessage(frame); err != nil {
			return err
		}
		v.frames++
		v.metrics.frames.Inc()
	}
	if ping {
		return v.conn.WriteControl(websocket.PingMessage, nil, deadline)
	}
	return nil
}

// tend pings viewers and closes those whose token is over.
func (h *Hub) tend(ctx context.Context) {
	const look = time.Second
	for sleep(ctx, look) {
		h.mu.Lock()
		now, expiry := time.Now(), h.options.Clock()
		for v := range h.viewers {
			switch {
			case v.caller.UserID == uuid.Nil: // not in yet
			case !expiry.Before(v.caller.ExpiresAt):
				v.close(CloseTokenExpired)
			case now.Sub(v.pinged) >= h.options.PingInterval:
				v.pinged = now
				v.sendPing()
			}
		}
		h.mu.Unlock()
	}
}
