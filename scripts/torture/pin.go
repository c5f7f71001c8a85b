package main

import "slices"

// pin takes the log's word for what became of steps whose outcome nobody was told: where the log has what they did, under
// the call's X-Request-Id or the claim's id, they took place as that version, if they took place; the others did not. The
// last step holds the model against the whole log, so nothing is believed that is not checked; it only keeps the search
// from trying all combinations.
func pin(steps []*step, log []record) []*step {
	claims := make(map[int]string) // step → the claim it made or pays for
	var pinned []*step
	for _, s := range steps {
		switch {
		case s.call == nil && s.final == nil:
			s.expect.Claim = claims[s.of]
			s.version = versionOf(log, func(r *record) bool {
				return r.kind == "hold.expired.v1" && r.Hold == s.expect.Claim && s.expect.Claim != ""
			})
		case s.expect.Verdict == unknown:
			i := slices.IndexFunc(log, func(r record) bool { return r.request == s.call.Request && s.does(&r) })
			if i >= 0 {
				s.version, s.expect.Claim = log[i].version, log[i].claim()
			}
		}
		claims[s.id] = s.expect.Claim
		if s.call != nil && s.call.Claim != "" {
			claims[s.id] = s.call.Claim
		}
		if s.expect.Claim == "" && s.expect.Verdict == acknowledged && s.kind == takeSeats {
			// Taken for certain, though nobody was told under which id.
			claims[s.id] = claimOf(log, s.call.Request)
		}
		if s.expect.Verdict != unknown || s.version > 0 {
			pinned = append(pinned, s)
		}
	}
	return pinned
}

// does reports whether this is what the log has when the step took place.
func (s *step) does(r *record) bool {
	switch s.kind {
	case takeSeats:
		return r.kind == "seats.held.v1" || r.kind == "booking.confirmed.v1" && !r.FromHold
	case startPayment:
		return r.kind == "payment.started.v1"
	case settle, confirmHold:
		return r.kind == "booking.confirmed.v1" && r.FromHold
	case giveBack:
		return r.kind == "hold.released.v1"
	case cancelIt:
		return r.kind == "booking.cancelled.v1"
	}
	return false
}

func versionOf(log []record, is func(*record) bool) int64 {
	for i := range log {
		if is(&log[i]) {
			return log[i].version
		}
	}
	return 0
}

func claimOf(log []record, request string) string {
	for i := range log {
		if log[i].request == request && log[i].kind == "seats.held.v1" {
			return log[i].Hold
		}
	}
	return ""
}
