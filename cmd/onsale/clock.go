//go:build !torture

package main

import "time"

// clock tells the time to everything that decides by it.
var clock = time.Now
