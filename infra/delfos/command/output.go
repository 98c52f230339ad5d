package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"unicode/utf8"
)

// oneLine keeps an error to the line that a person reads first.
func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}

// withAdvice adds what to do about errors that come from anywhere.
func withAdvice(err error) error {
	if refused, ok := errors.AsType[*refusedError](err); ok {
		return fmt.Errorf("%w: nothing listens there: %s", err, refused.mend)
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return fmt.Errorf("%w: free some space, or choose a directory on another disk with --data-dir", err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%w: choose a directory that you may write to with --data-dir", err)
	}
	return err
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// colour is an SGR code (ECMA-48) of a cell; the empty one is the terminal's own.
type colour string

const (
	plain  colour = ""
	green  colour = "32"
	yellow colour = "33"
	red    colour = "31"
	blue   colour = "34"
	faint  colour = "2"
)

// cell is one field of a table.
type cell struct {
	text   string
	colour colour
}

// writeTable aligns columns; the last is never padded.
func writeTable(terminal Terminal, header []string, rows [][]cell) {
	widths := make([]int, len(header))
	for i, title := range header {
		widths[i] = utf8.RuneCountInString(title)
	}
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c.text))
		}
	}
	titles := make([]cell, len(header))
	for i, title := range header {
		titles[i] = cell{title, faint}
	}
	for _, row := range append([][]cell{titles}, rows...) {
		fmt.Fprintln(terminal.Stdout, strings.TrimRight(joinCells(terminal.Colour, row, widths), " "))
	}
}

func joinCells(coloured bool, row []cell, widths []int) string {
	var line strings.Builder
	for i, c := range row {
		line.WriteString(paint(coloured, c))
		if i < len(row)-1 {
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c.text)+2))
		}
	}
	return line.String()
}

func paint(coloured bool, c cell) string {
	if !coloured || c.colour == plain || c.text == "" {
		return c.text
	}
	return "\x1b[" + string(c.colour) + "m" + c.text + "\x1b[0m"
}
