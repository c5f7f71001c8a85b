package config

import (
	"encoding"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Where a value comes from.
const (
	FromDefault     = "default"
	FromFile        = ".env"
	FromEnvironment = "environment"
)

// A Setting is one setting as it is in effect.
type Setting struct {
	Name string `json:"name"`
	// Value is safe to show: secrets, and passwords in addresses, are masked. Empty: it is not set, and Unset says what holds
	// then.
	Value   string `json:"value"`
	Unset   string `json:"unset,omitempty"`
	Source  string `json:"source"`            // one of the above
	Problem string `json:"problem,omitempty"` // what is wrong with it
}

// An Explanation is every setting of this program, and all that is wrong with them.
type Explanation struct {
	Settings []Setting `json:"settings"`
	Problems []string  `json:"problems"`
}

// Explain tells the settings of the process, as [Environ] finds them. Its error says that they cannot be read at all.
func Explain() (Explanation, error) {
	environment := make(map[string]string)
	for _, setting := range os.Environ() {
		name, value, _ := strings.Cut(setting, "=")
		environment[name] = value
	}
	file, err := readFile()
	if err != nil {
		return Explanation{}, err
	}
	return explain(environment, file), nil
}

// explain looks at the settings of the nodes, and then at those that only [Web] has.
func explain(environment, file map[string]string) Explanation {
	settings := maps.Clone(file)
	maps.Copy(settings, environment)
	node, nodeErr := Load(settings)
	web, webErr := LoadWeb(settings)
	e := Explanation{Problems: []string{}}
	for _, loaded := range []reflect.Value{reflect.ValueOf(node), reflect.ValueOf(web)} {
		for i := range loaded.NumField() {
			tag := loaded.Type().Field(i).Tag
			name := tag.Get("env")
			if name == "" || slices.ContainsFunc(e.Settings, func(s Setting) bool { return s.Name == name }) {
				continue
			}
			s := Setting{Name: name, Source: FromDefault, Value: tag.Get("envDefault")}
			if given := strings.TrimSpace(settings[name]); given != "" {
				s.Value, s.Source = given, FromFile
				if _, there := environment[name]; there {
					s.Source = FromEnvironment
				}
			} else if s.Value == "" {
				s.Value = inWords(loaded.Field(i)) // what follows from other settings
			}
			if s.Value == "" {
				s.Unset = unset(name)
			}
			e.Settings = append(e.Settings, s)
		}
	}
	e.blame(nodeErr)
	e.blame(webErr)
	e.missing()
	e.mask()
	return e
}

// blame puts each problem, which begins with the names of its settings, to them.
func (e *Explanation) blame(problems error) {
	if problems == nil {
		return
	}
	for problem := range strings.Lines(problems.Error()) {
		problem = strings.TrimSuffix(problem, "\n")
		if slices.Contains(e.Problems, problem) {
			continue
		}
		e.Problems = append(e.Problems, problem)
		names, what, _ := strings.Cut(problem, ": ")
		for name := range strings.SplitSeq(names, " and ") {
			if i := slices.IndexFunc(e.Settings, func(s Setting) bool { return s.Name == name }); i >= 0 {
				e.Settings[i].Problem = strings.TrimPrefix(e.Settings[i].Problem+"; "+what, "; ")
			}
		}
	}
}

// missing says of what is not set and has to be, that nothing holds instead.
func (e *Explanation) missing() {
	for i := range e.Settings {
		if s := &e.Settings[i]; s.Value == "" && s.Problem != "" {
			s.Unset = "missing"
		}
	}
}

// mask makes everything safe to show: problems repeat what they complain of.
func (e *Explanation) mask() {
	for i := range e.Settings {
		s := &e.Settings[i]
		for _, part := range append(strings.Split(s.Value, ","), s.Value) {
			shown := masked(s.Name, part)
			if part = strings.TrimSpace(part); part == "" || shown == part {
				continue
			}
			hide := strings.NewReplacer(strconv.Quote(part), strconv.Quote(shown), part, shown)
			for j := range e.Problems {
				if strings.HasPrefix(e.Problems[j], s.Name) {
					e.Problems[j] = hide.Replace(e.Problems[j])
				}
			}
			s.Problem = hide.Replace(s.Problem)
		}
		s.Value = masked(s.Name, s.Value)
	}
}

// unset says what holds when a setting without a default is not set.
func unset(name string) string {
	switch name {
	case "DATABASE_URL":
		return "a private PostgreSQL in ONSALE_DATA"
	case "QUERY_DATABASE_URL":
		return "reads go to the database"
	case "ONSALE_POSTGRES_BIN":
		return "looked for"
	case "JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET":
		return "made, and kept in ONSALE_DATA"
	case "BROKER_URL":
		return "other nodes are heard of by polling"
	case "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT":
		return "no traces are sent"
	case "TRUSTED_PROXIES":
		return "nobody's word is taken"
	default:
		return "not set"
	}
}

// inWords writes a value as one would set it; nothing for one that is zero.
func inWords(v reflect.Value) string {
	switch {
	case v.IsZero():
		return ""
	case v.Kind() == reflect.Slice:
		var items []string
		for i := range v.Len() {
			items = append(items, inWords(v.Index(i)))
		}
		return strings.Join(items, ",")
	}
	if text, ok := reflect.TypeAssert[encoding.TextMarshaler](v); ok {
		if b, err := text.MarshalText(); err == nil {
			return string(b)
		}
	}
	return fmt.Sprint(v.Interface())
}
