// SPDX-License-Identifier: Apache-2.0

package vet

import (
	"fmt"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
)

// pages is the address of the checks' pages.
const pages = "https://github.com/asynclocal/asynclocal/blob/main/docs/vet/"

// Analyzers returns every check, for a driver of golang.org/x/tools/go/analysis. They share c,
// which the driver may fill in until it runs them; a nil c means the defaults.
func Analyzers(c *Config) []*analysis.Analyzer {
	if c == nil {
		c = new(Config)
	}
	s := &suite{config: c, reads: newReads(), requests: newRequests()}
	return []*analysis.Analyzer{
		s.check("timer", timerDoc, timer),
		s.check("contextafter", contextAfterDoc, contextAfter),
		s.check("pool", poolDoc, pool),
		s.check("funcchan", funcChanDoc, funcChan),
		s.check("lazygo", lazyGoDoc, lazyGo),
		s.check("outlive", outliveDoc, outlive),
		s.check("proflabels", profLabelsDoc, profLabels),
		s.check("emptyctx", emptyCtxDoc, emptyCtx),
		s.check("httpclient", httpClientDoc, httpClient),
		s.check("enterwith", enterWithDoc, enterWith),
		s.check("storagenew", storageNewDoc, storageNew),
		s.check("directive", directiveDoc, directive),
	}
}

// A suite is what the analyzers of one call of Analyzers share.
type suite struct {
	config          *Config
	reads, requests *analysis.Analyzer
}

func (s *suite) check(name, doc string, run func(*pass)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     name,
		Doc:      doc,
		URL:      pages + name + ".md",
		Requires: []*analysis.Analyzer{inspect.Analyzer, s.reads, s.requests},
		Run: func(ap *analysis.Pass) (any, error) {
			found, err := s.config.places()
			if err != nil {
				return nil, fmt.Errorf("asynclocal: %w", err)
			}
			if isOwn(ap) {
				run(s.pass(ap, found))
			}
			return nil, nil
		},
	}
}
