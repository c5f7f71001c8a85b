package main

import "time"

// job is what the load generator is to do: requests over connections of its own, each sending its next when the last was
// answered. See load.go.
type job struct {
	URL    string `json:"url"` // of the server, http://127.0.0.1:port
	Method string `json:"method"`
	// Path and Body may have {event} in them, which stands for one of Events, drawn for each request.
	Path   string   `json:"path"`
	Body   string   `json:"body,omitempty"`
	Events []string `json:"events,omitempty"`
	// Zipf draws the event k with a probability proportional to 1/(1+k)^Zipf; 0 draws evenly. It is above 1 otherwise.
	Zipf float64 `json:"zipf,omitempty"`

	// Want is the status that every answer must have, and Code, where it is not empty, must be in its body.
	Want int    `json:"want"`
	Code string `json:"code,omitempty"`
	// Then is the path of a second POST on the heels of the first, where it is not empty: {hold} in it stands for the id of
	// the hold that the first answer tells of. It must be answered with Want too. The two count as one.
	Then string `json:"then,omitempty"`

	// Buyers is how many buyers there are, each with a token; they are taken in turn, from the first. 0: as many as were made
	// for a cell, and each comes once: to run out of them is an error.
	Buyers int `json:"buyers,omitempty"`
	// First is the number of the first buyer.
	First int `json:"first,omitempty"`

	Clients int `json:"clients"` // connections; 0: as set for the run
	// Warm is how long it runs before the answers count, and Length how long they do. 0: as set for the run.
	Warm   time.Duration `json:"warm"`
	Length time.Duration `json:"length"`
	// Requests, where it is not 0, is how many are sent altogether, in place of Warm and Length; all count.
	Requests int `json:"requests,omitempty"`

	Tokens string `json:"tokens"` // the file of the buyers' tokens; set by lab.load
	// Cores are those that the load generator is to run on. None: any.
	Cores []int `json:"cores,omitempty"`
}

// loaded is what the load generator found.
type loaded struct {
	Sent int `json:"sent"` // requests, or pairs of them, the warm-up's included
	measure
}
