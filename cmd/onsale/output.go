package main

import (
	"encoding/json"
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether somebody watches what is written, on a screen that can move its cursor.
func isTerminal(to io.Writer) bool {
	file, ok := to.(*os.File)
	return ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb"
}

// A palette colours words, or leaves them as they are.
type palette bool

// paletteOf returns the palette for what is written: on a terminal, unless NO_COLOR says no (no-color.org).
func paletteOf(to io.Writer) palette { return palette(isTerminal(to) && os.Getenv("NO_COLOR") == "") }

func (p palette) red(text string) string    { return p.paint("31", text) }
func (p palette) green(text string) string  { return p.paint("32", text) }
func (p palette) yellow(text string) string { return p.paint("33", text) }

func (p palette) paint(colour, text string) string {
	if !p {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func printJSON(to io.Writer, value any) error {
	encoder := json.NewEncoder(to)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
