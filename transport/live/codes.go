package live

import "github.com/gorilla/websocket"

// A Close is why a connection is closed: a code and a word. Codes below 4500 say to come back after a pause, by way of a new
// token where the word says so; codes from 4500 on say not to come back with the same request.
type Close struct {
	Code   int
	Reason string
}

// closeGone is said to nobody: the viewer left by itself.
var closeGone = Close{websocket.CloseNoStatusReceived, "gone"}

// The reasons for which the hub closes a connection.
var (
	CloseGoingAway    = Close{1001, "going_away"}       // the node stops: come back
	CloseSlow         = Close{4000, "slow"}             // frames were not taken: come back
	CloseBusy         = Close{4001, "busy"}             // the node has as many viewers as it takes, or as many strangers from there: come back later
	CloseUnavailable  = Close{4002, "unavailable"}      // the counts cannot be read just now: come back
	CloseTokenExpired = Close{4401, "token_expired"}    // come back with a new token
	CloseTokenInvalid = Close{4500, "token_invalid"}    // the token is none of ours
	CloseAuthRequired = Close{4501, "auth_required"}    // the first frame did not come in time, or was no auth frame
	CloseBadFrame     = Close{4502, "bad_frame"}        // a frame cannot be understood
	CloseManyEvents   = Close{4502, "too_many_events"}  // a frame names more events than fit in one, or than one connection may watch
	CloseFlood        = Close{4503, "too_many_frames"}  // more frames than anybody needs
	CloseTooMany      = Close{4504, "too_many_viewers"} // this user has as many connections as one gets
)
