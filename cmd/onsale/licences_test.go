package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Licences of what is handed out with the program, by their SPDX names. CC-BY-4.0 is for data, OFL for fonts.
var handedOut = []string{
	"MIT", "MIT-0", "ISC", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "BlueOak-1.0.0", "CC0-1.0", "CC-BY-4.0", "OFL-1.1", "SIL OPEN FONT LICENSE",
}

// Licences of tools that build and test, and that nobody gets from us.
var toolsOnly = append(slices.Clone(handedOut), "MPL-2.0", "LGPL-3.0-or-later", "Python-2.0")

// MPL-2.0 asks for the source of its own files only, of which none is changed here.
var goLicences = append(slices.Clone(handedOut), "MPL-2.0")

// What tells a licence: words that only it has.
var licenceWords = []struct{ name, words string }{
	{"Apache-2.0", "apache license version 2.0"},
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"MPL-2.0", "mozilla public license, version 2.0"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"BSD-3-Clause", "redistribution and use in source and binary forms"},
}

func TestEveryGoModuleInTheProgramHasALicenceThatIsAllowed(t *testing.T) {
	t.Parallel()
	modules := goModules(t)
	if len(modules) < 40 {
		t.Fatalf("only %d modules were found", len(modules))
	}
	for path, folder := range modules {
		licence, err := licenceIn(folder)
		if err != nil || !slices.Contains(goLicences, licence) {
			t.Errorf("%s: licence %q, %v", path, licence, err)
		}
	}
}

// goModules are what is compiled into the program, path to folder, without our own.
func goModules(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "-json=Module", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := make(map[string]string)
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Module struct {
				Path, Dir string
				Main      bool
			}
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return modules
		} else if err != nil {
			t.Fatal(err)
		}
		if p.Module.Path != "" && !p.Module.Main {
			modules[p.Module.Path] = p.Module.Dir
		}
	}
}

// licenceIn reads what licence the files of a module's folder state. Everything that can be known of it has to be known.
func licenceIn(folder string) (string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		name := strings.ToLower(entry.Name())
		if entry.IsDir() || !strings.HasPrefix(name, "licen") && !strings.HasPrefix(name, "copying") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return "", err
		}
		if licence := licenceOf(string(text)); licence != "" {
			return licence, nil
		}
	}
	return "", errors.New("none that is known")
}

func licenceOf(text string) string {
	words := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	for _, known := range licenceWords {
		if strings.Contains(words, known.words) {
			return known.name
		}
	}
	return ""
}

func TestEveryPackageOfTheDashboardHasALicenceThatIsAllowed(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../web/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct {
			License       string
			Dev, Optional bool
		}
	}
	if err := json.Unmarshal(file, &lock); err != nil {
		t.Fatal(err)
	}
	if len(lock.Packages) < 100 {
		t.Fatalf("only %d packages were found", len(lock.Packages))
	}
	for name, p := range lock.Packages {
		allowed := handedOut
		if p.Dev || p.Optional { // Next.js's optional packages optimise pictures on a server, which an export has not
			allowed = toolsOnly
		}
		if name != "" && !allows(allowed, p.License) {
			t.Errorf("%s: licence %q", name, p.License)
		}
	}
}

// allows understands SPDX expressions as npm writes them.
func allows(allowed []string, expression string) bool {
	expression = strings.NewReplacer("(", "", ")", "").Replace(expression)
	for each := range strings.SplitSeq(expression, " AND ") {
		if !slices.ContainsFunc(strings.Split(each, " OR "), func(one string) bool { return slices.Contains(allowed, one) }) {
			return false
		}
	}
	return true
}

// The negative control of the two tests above.
func TestALicenceThatIsNotAllowedIsFound(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{"GPL-3.0-only", "AGPL-3.0", "", "UNLICENSED", "MIT AND GPL-2.0", "GPL-2.0 OR SSPL-1.0", "LGPL-3.0-or-later"} {
		if allows(handedOut, expression) {
			t.Errorf("%q was let through", expression)
		}
	}
	folder := t.TempDir()
	for _, text := range []string{"GNU GENERAL PUBLIC LICENSE Version 3", "All rights reserved.", "Business Source License 1.1"} {
		if err := os.WriteFile(filepath.Join(folder, "LICENSE"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if licence, err := licenceIn(folder); err == nil {
			t.Errorf("%q was taken for %s", text, licence)
		}
	}
	if !allows(handedOut, "(GPL-2.0 OR MIT)") {
		t.Error("what may be had under another licence is refused")
	}
}
