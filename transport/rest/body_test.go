package rest_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"onsale/transport/rest"
)

func TestASlowBodyTakesNoSlot(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{}, func(o *rest.Options) { o.MaxInFlight = 1 })
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST /book HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer user\r\n"+
		"Content-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 100"))); err != nil { // the body is being read now
		t.Fatal(err)
	}
	if w := send(t, api, get("/events")); w.Code != 200 {
		t.Errorf("%d, want 200", w.Code)
	}
}

func TestABodyThatDoesNotComeInTime(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(newAPI(t, &fakes{}))
	server.Config.ReadTimeout = 100 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	body, end := io.Pipe()
	t.Cleanup(func() { end.Close() })
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/auth/login", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%d, want 408", answer.StatusCode)
	}
}

func TestABodyOfUnknownLengthIsLimitedToo(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newAPI(t, &fakes{}))
	t.Cleanup(server.Close)
	for size, want := range map[int]int{64<<10 - len(bodies["/auth/login"]): 200, 64<<10 - len(bodies["/auth/login"]) + 1: 413, 10 << 20: 413} {
		body := io.MultiReader(strings.NewReader(strings.Repeat(" ", size)), strings.NewReader(bodies["/auth/login"]))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/auth/login", body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%d bytes and a body: %d, want %d", size, answer.StatusCode, want)
		}
	}
}

func TestRequestsWithTwoLengthsAreRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newAPI(t, &fakes{session: noSession(t)}))
	t.Cleanup(server.Close)
	for name, headers := range map[string]string{
		"two lengths that differ": "Content-Length: 2\r\nContent-Length: 3\r\n",
		"an unknown encoding":     "Transfer-Encoding: xchunked\r\n",
		"a negative length":       "Content-Length: -1\r\n",
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+headers+"\r\n{}"); err != nil {
			t.Fatal(err)
		}
		head := make([]byte, len("HTTP/1.1 400"))
		if _, err := io.ReadFull(conn, head); err != nil || !slices.Contains([]string{"400", "501"}, string(head[9:])) {
			t.Errorf("%s: %q, %v", name, head, err)
		}
		conn.Close()
	}
}

func TestABodyThatIsAnnouncedTooLargeIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newAPI(t, &fakes{}))
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"+
		"Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	head := make([]byte, len("HTTP/1.1 413"))
	if _, err := io.ReadFull(conn, head); err != nil || string(head) != "HTTP/1.1 413" {
		t.Errorf("%q, %v", head, err)
	}
}
