// SPDX-License-Identifier: Apache-2.0

package servertest

import "testing"

// Run tests f. It is not to be called by a test that is parallel, for some of what is
// tested is of the whole process.
func Run(t *testing.T, f *Framework) {
	for _, tt := range []struct {
		name string
		test func(*testing.T, *Framework)
	}{
		{"a panic with nil goes on", aPanicWithNilGoesOn},
		{"a multipart form leaves no file", aMultipartFormLeavesNoFile},
		{"the global propagator's header is read and passed on", theGlobalPropagatorsHeaderIsReadAndPassedOn},
		{"a propagator that is given is alone", aPropagatorThatIsGivenIsAlone},
		{"everybody says the same of how a request ended", outcomes},
		{"a request is one story", aRequestIsOneStory},
		{"nothing of a request is left on its connection", nothingOfARequestIsLeftOnItsConnection},
		{"attributes", testAttributes},
		{"the route becomes known later", theRouteBecomesKnownLater},
		{"query parameters that are shown", queryParametersThatAreShown},
		{"options", options},
		{"a bad option panics with the cure", aBadOptionPanicsWithTheCure},
		{"the route is a profiler label, and the request's id if asked", theRouteIsAProfilerLabelAndTheRequestIDIfAsked},
		{"OnError hears the error in the request", onErrorHearsTheErrorInTheRequest},
		{"a skipped request is left alone", aSkippedRequestIsLeftAlone},
		{"request ids", requestIDs},
		{"an id from outside", anIDFromOutside},
		{"remote traces", remoteTraces},
		{"W3C's suite", W3C},
		{"a span that was started outside is the parent", aSpanThatWasStartedOutsideIsTheParent},
		{"a server started in a span does not adopt it", aServerStartedInASpanDoesNotAdoptIt},
		{"a request that a handler makes is one of its own", aRequestThatAHandlerMakesIsOneOfItsOwn},
		{"a request that is served again is another", aRequestThatIsServedAgainIsAnother},
		{"a handler may serve another path", aHandlerMayServeAnotherPath},
		{"a linger of zero ends a request for what inherited it", aLingerOfZeroEndsARequestForWhatInheritedIt},
		{"middleware outside sees the context that the handler left", middlewareOutsideSeesTheContextThatTheHandlerLeft},
		{"the completion line", theCompletionLine},
		{"the completion line to slog", theCompletionLineToSlog},
		{"fields of a request are on its completion line", fieldsOfARequestAreOnItsCompletionLine},
		{"without access log there is no line", withoutAccessLogThereIsNoLine},
		{"headers that a handler changes are not read again", headersThatAHandlerChangesAreNotReadAgain},
		{"the error handler logs in the request", theErrorHandlerLogsInTheRequest},
		{"optional metrics", optionalMetrics},
		{"the buckets are the conventions'", theBucketsAreTheConventions},
		{"attributes of metrics see the answer", AttributesOfMetricsSeeTheAnswer},
		{"a function for the metrics that panics later", aFunctionForTheMetricsThatPanicsLater},
		{"a request is recorded whose attributes panic", aRequestIsRecordedWhoseAttributesPanic},
		{"the duration is the span's, whatever the span is", theDurationIsTheSpansWhateverTheSpanIs},
		{"metrics do not grow with what clients send", metricsDoNotGrowWithWhatClientsSend},
		{"a crowd", aCrowd},
		{"an error is told once", anErrorIsToldOnce},
		{"errors that cannot say what they are", errorsThatCannotSayWhatTheyAre},
		{"an error that does not return is not waited for", anErrorThatDoesNotReturnIsNotWaitedFor},
		{"a panic is told wherever Recover stands", aPanicIsToldWhereverRecoverStands},
		{"what panics is recorded", whatPanicsIsRecorded},
		{"a panic that nothing recovers is not waited for", aPanicThatNothingRecoversIsNotWaitedFor},
		{"a panic is waited for where a middleware may recover", aPanicIsWaitedForWhereAMiddlewareMayRecover},
		{"a panic of a request in a request is answered outside", aPanicOfARequestInARequestIsAnsweredOutside},
		{"an answer from outside took its own time", anAnswerFromOutsideTookItsOwnTime},
		{"a sink that panics costs neither answer nor span", aSinkThatPanicsCostsNeitherAnswerNorSpan},
		{"an upload that breaks off is not a server error", anUploadThatBreaksOffIsNotAServerError},
		{"a body that breaks off, and one that is nonsense", aBodyThatBreaksOffAndOneThatIsNonsense},
		{"a body that is not sent has no size", aBodyThatIsNotSentHasNoSize},
		{"a stream reaches the client as it is written", aStreamReachesTheClientAsItIsWritten},
		{"the writer is what the server's is", theWriterIsWhatTheServersIs},
		{"a connection that is hijacked without an upgrade has no status", aConnectionThatIsHijackedWithoutAnUpgradeHasNoStatus},
		{"middleware outside gets its writer back", middlewareOutsideGetsItsWriterBack},
		{"the server's other timings are kept", theServersOtherTimingsAreKept},
		{"the headers are those that went out", theHeadersAreThoseThatWentOut},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.test(t, f) })
	}
}
