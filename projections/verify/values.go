package verify

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// A moment is a time as the tables keep it, to the microsecond; zero is null.
type moment time.Time

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	return moment(t.UTC().Truncate(time.Microsecond))
}

// ScanTimestamptz implements [pgtype.TimestamptzScanner].
func (m *moment) ScanTimestamptz(v pgtype.Timestamptz) error {
	*m = moment{}
	if v.Valid {
		*m = momentOf(v.Time)
	}
	return nil
}

func (m moment) String() string {
	if time.Time(m).IsZero() {
		return "null"
	}
	return time.Time(m).UTC().Format(time.RFC3339Nano)
}

// differences names the columns in which two rows differ, with the values of each. Rows are given as the places of their
// columns.
func differences(columns []string, want, got []any) (expected, found string) {
	var wants, gots []string
	for i, column := range columns {
		if w, g := value(want[i]), value(got[i]); w != g {
			wants = append(wants, fmt.Sprintf("%s %v", column, w))
			gots = append(gots, fmt.Sprintf("%s %v", column, g))
		}
	}
	return strings.Join(wants, ", "), strings.Join(gots, ", ")
}

func value(place any) any {
	if id, ok := place.(*[16]byte); ok {
		return uuid.UUID(*id)
	}
	return reflect.ValueOf(place).Elem().Interface()
}
