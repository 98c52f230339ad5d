// Package sitetest holds pages against the rules that every page of the console keeps.
package sitetest

import (
	"regexp"
	"testing"
)

var rules = map[string]*regexp.Regexp{
	"a style in an attribute, which the policy forbids": regexp.MustCompile(`(?i)<[^>]*\sstyle\s*=`),
	"a style in the page, which the policy forbids":     regexp.MustCompile(`(?i)<style[\s>]`),
	"a script in the page, which the policy forbids":    regexp.MustCompile(`(?i)<script(>|\s[^>]*>\s*[^<\s])`),
	"a handler in an attribute":                         regexp.MustCompile(`(?i)<[^>]*\son[a-z]+\s*=`),
	"a URL that runs a script":                          regexp.MustCompile(`(?i)(href|src|action)\s*=\s*["']?\s*javascript:`),
	"a value that a template could not place":           regexp.MustCompile(`ZgotmplZ`),
	"something of another host":                         regexp.MustCompile(`(?i)<(script|link|img|iframe)[^>]*(src|href)\s*=\s*["']?(https?:)?//`),
}

// Clean fails the test where a page, or a part of one, breaks a rule.
func Clean(t testing.TB, page string) {
	t.Helper()
	for what, rule := range rules {
		if at := rule.FindStringIndex(page); at != nil {
			t.Errorf("the page has %s: …%s…", what, page[max(0, at[0]-40):min(len(page), at[1]+80)])
		}
	}
}
