// Package web embeds the dashboard.
package web

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed all:placeholder
var placeholder embed.FS

// Handler serves the dashboard's pages from memory.
func Handler() http.Handler {
	pages, err := fs.Sub(placeholder, "placeholder")
	if err != nil {
		panic(err) // only for a name that is not embedded
	}
	return http.FileServerFS(pages)
}
