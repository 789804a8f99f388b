// SPDX-License-Identifier: Apache-2.0

package text

import "strings"

// conventional are the query parameters that the HTTP conventions of OpenTelemetry want redacted,
// by their exact names: signatures and credentials of presigned URLs.
//
// https://opentelemetry.io/docs/specs/semconv/registry/attributes/url/
var conventional = map[string]struct{}{
	"AWSAccessKeyId": {}, "Signature": {}, "sig": {}, "X-Goog-Signature": {},
	"X-Amz-Signature": {}, "X-Amz-Credential": {}, "X-Amz-Security-Token": {},
}

// secretNames are other parameters that grant access to the reader of a log, or should not be read
// at all: the parameters of OAuth 2.0, OpenID Connect and SAML, keys, passwords, sessions and
// one-time codes. They are compared in lower case and without word separators, so that api_key,
// api-key and apiKey are equal.
var secretNames = nameSet(`
	token accesstoken refreshtoken idtoken idtokenhint authtoken apitoken bearertoken sessiontoken csrftoken xsrftoken
	securitytoken resettoken passwordresettoken verificationtoken confirmationtoken invitationtoken invitetoken
	logintoken usertoken devicetoken oauthtoken xaccesstoken xauthtoken xamzsecuritytoken authenticitytoken
	code authcode authorizationcode usercode devicecode codeverifier oauthverifier
	auth authorization bearer jwt assertion clientassertion samlresponse samlrequest relaystate ticket
	password passwd passphrase pass pwd pw pin otp totp mfacode secret clientsecret sharedsecret
	key apikey appkey xapikey authkey accesskey accesskeyid awsaccesskeyid secretkey privatekey subscriptionkey
	signature hmac sas xamzsignature xamzcredential xgoogsignature xgoogcredential
	credential credentials session sessionid sid jsessionid phpsessid csrf xsrf`)

// secretEnds are the ends of names of secrets, however nested: user[password].
var secretEnds = []string{"password", "passwd", "passphrase", "secret", "apikey", "accesskey", "secretkey", "privatekey",
	"accesstoken", "refreshtoken", "authtoken", "sessiontoken", "credentials"}

func nameSet(names string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, name := range strings.Fields(names) {
		set[name] = struct{}{}
	}
	return set
}

// isSecretName reports whether name is one of those, without an allocation.
func isSecretName(name string) bool {
	if _, ok := conventional[name]; ok {
		return true
	}
	var room [64]byte
	plain := room[:0]
	for i := range len(name) {
		switch c := name[i]; {
		case 'A' <= c && c <= 'Z':
			plain = append(plain, c|0x20)
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			plain = append(plain, c)
		}
		if len(plain) == cap(room[:]) { // its end decides
			plain = room[:copy(room[:], plain[len(plain)/2:])]
		}
	}
	if _, ok := secretNames[string(plain)]; ok && len(name) < len(room) {
		return true
	}
	for _, end := range secretEnds {
		if len(plain) > len(end) && string(plain[len(plain)-len(end):]) == end {
			return true
		}
	}
	return false
}
