package live

import (
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"onsale/command/identity"
)

// A viewer is one connection. It has one goroutine that reads, and one that writes only while there is something to write.
type viewer struct {
	writers *sync.WaitGroup // the hub's
	conn    *websocket.Conn
	caller  identity.Caller
	watched map[uuid.UUID]struct{} // guarded by the hub

	mu       sync.Mutex
	writing  bool
	ping     bool
	replies  []*websocket.PreparedMessage             // in order
	counts   map[uuid.UUID]*websocket.PreparedMessage // the newest frame about each event
	farewell *Close
}

// reply sends a frame after those that were sent before.
func (v *viewer) reply(frame *websocket.PreparedMessage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.replies = append(v.replies, frame)
	v.write()
}

// show sends the counts of an event, in place of older ones that the viewer has not taken yet.
func (v *viewer) show(event uuid.UUID, frame *websocket.PreparedMessage) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.counts == nil {
		v.counts = make(map[uuid.UUID]*websocket.PreparedMessage)
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

// close says why and hangs up; the first reason counts. It does not wait.
func (v *viewer) close(why Close) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.farewell == nil {
		v.farewell = &why
		v.write()
	}
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
		replies, counts, ping, farewell := v.replies, v.counts, v.ping, v.farewell
		v.replies, v.counts, v.ping = nil, nil, false
		if len(replies) == 0 && len(counts) == 0 && !ping && farewell == nil {
			v.writing = false
			v.mu.Unlock()
			return
		}
		v.mu.Unlock()
		if farewell != nil {
			v.hangUp(*farewell)
			return // and stay writing, so that nobody starts another
		}
		if !v.send(replies, counts, ping) {
			v.hangUp(CloseSlow)
			return
		}
	}
}

func (v *viewer) send(replies []*websocket.PreparedMessage, counts map[uuid.UUID]*websocket.PreparedMessage, ping bool) bool {
	v.conn.SetWriteDeadline(time.Now().Add(writeTimeout))
	for _, frame := range replies {
		if v.conn.WritePreparedMessage(frame) != nil {
			return false
		}
	}
	for _, frame := range counts {
		if v.conn.WritePreparedMessage(frame) != nil {
			return false
		}
	}
	return !ping || v.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) == nil
}

func (v *viewer) hangUp(why Close) {
	message := websocket.FormatCloseMessage(why.Code, why.Reason)
	v.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(time.Second))
	v.conn.Close()
}
