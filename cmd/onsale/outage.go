package main

import (
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// outOfReach reports whether an error says that a database cannot be asked for now: there is no connection, or it broke, or the
// server is starting, stopping, recovering or short of something. Whether it did what it was asked is not known then.
func outOfReach(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.SeverityUnlocalized != "ERROR" || // FATAL and PANIC end the connection
			strings.HasPrefix(pg.Code, "08") || // of the connection
			strings.HasPrefix(pg.Code, "53") || // out of memory, disk or connections
			strings.HasPrefix(pg.Code, "57P") || // the operator stops it, or it has crashed
			pg.Code == "40001" // a standby gave the query up to follow the primary
	}
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		return true
	}
	_, network := errors.AsType[*net.OpError](err)
	return network || pgconn.SafeToRetry(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
