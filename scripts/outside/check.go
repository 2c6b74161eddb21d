// Check a bundle's checkpoint and every proof in it with Go's own note and tlog packages.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error, what string) {
	if err != nil {
		fmt.Fprintln(os.Stderr, what, err)
		os.Exit(1)
	}
}

func read(path string) string {
	data, err := os.ReadFile(path)
	must(err, path)
	return string(data)
}

func hash(text string) tlog.Hash {
	var found tlog.Hash
	data, err := base64.StdEncoding.DecodeString(text)
	must(err, text)
	copy(found[:], data)
	return found
}

func main() {
	folder, key := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(key)
	must(err, "key")
	opened, err := note.Open([]byte(read(filepath.Join(folder, "checkpoint"))), note.VerifierList(verifier))
	must(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err, "size")
	files, err := filepath.Glob(filepath.Join(folder, "proofs", "*"))
	must(err, "proofs")
	for _, file := range files {
		told := strings.Split(strings.SplitN(read(file), "\n\n", 2)[0], "\n")
		index, err := strconv.ParseInt(strings.TrimPrefix(told[1], "index "), 10, 64)
		must(err, file)
		var proof tlog.RecordProof
		for _, line := range told[2:] {
			proof = append(proof, hash(line))
		}
		event := read(filepath.Join(folder, "events", strings.Replace(filepath.Base(file), "tlog-proof", "json", 1)))
		must(tlog.CheckRecord(proof, size, hash(lines[2]), index, tlog.RecordHash([]byte(event))), file)
	}
	fmt.Println(len(files), "proofs")
}
