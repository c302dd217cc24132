package robotfile

import (
	"errors"
	"fmt"
	"strings"
)

// Severities of a finding: an error leaves no model, a warning says what the model lacks, a note what was assumed.
const (
	SeverityError   = "error"
	SeverityWarning = "warning"
	SeverityNote    = "note"
)

// Finding is one thing that Load has to say about a file.
type Finding struct {
	Place    string `json:"place"` // file:line:column
	Severity string `json:"severity"`
	Text     string `json:"text"`
	Remedy   string `json:"remedy"`
}

// String returns the finding on one line.
func (f Finding) String() string {
	if f.Remedy == "" {
		return fmt.Sprintf("%s: %s: %s", f.Place, f.Severity, f.Text)
	}
	return fmt.Sprintf("%s: %s: %s; %s", f.Place, f.Severity, f.Text, f.Remedy)
}

const maxFindings = 200 // a broken file of a thousand links says enough with these

// report collects findings.
type report struct {
	findings []Finding
	errors   int
}

func (r *report) add(severity string, n *node, remedy, format string, args ...any) {
	r.put(Finding{n.place(), severity, fmt.Sprintf(format, args...), remedy})
}

func (r *report) put(f Finding) {
	if f.Severity == SeverityError {
		r.errors++
	}
	if len(r.findings) < maxFindings || (f.Severity == SeverityError && r.errors == 1) {
		r.findings = append(r.findings, f)
	}
}

func (r *report) errorf(n *node, remedy, format string, args ...any) {
	r.add(SeverityError, n, remedy, format, args...)
}

func (r *report) warnf(n *node, remedy, format string, args ...any) {
	r.add(SeverityWarning, n, remedy, format, args...)
}

func (r *report) notef(n *node, remedy, format string, args ...any) {
	r.add(SeverityNote, n, remedy, format, args...)
}

// err joins the errors, one a line.
func (r *report) err() error {
	if r.errors == 0 {
		return nil
	}
	var lines []string
	for _, f := range r.findings {
		if f.Severity == SeverityError {
			lines = append(lines, f.String())
		}
	}
	return errors.New(strings.Join(lines, "\n"))
}
