package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	eksPrefix     = "k8s-aws-v1."
	eksMostBytes  = 4096
	eksValidFor   = 15 * time.Minute
	eksSkew       = 5 * time.Minute
	amzDate       = "20060102T150405Z"
	emptyBodyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// check is nil for a token that EKS would accept: an STS GetCallerIdentity request, presigned by our role less than 15 minutes ago, that
// names this cluster in a signed header. What aws-iam-authenticator checks is checked here; the signature, which it lets STS check, too.
func (eks *eksAuthenticator) check(token string) error {
	encoded, found := strings.CutPrefix(token, eksPrefix)
	if !found || len(token) > eksMostBytes {
		return errors.New("no token of EKS, or longer than 4096 bytes")
	}
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	request, err := url.Parse(string(text))
	if err != nil {
		return err
	}
	host := "sts." + eks.region + ".amazonaws.com"
	if request.Scheme != "https" || request.Host != host || request.Path != "/" {
		return fmt.Errorf("%s://%s%s is not STS of the region", request.Scheme, request.Host, request.Path)
	}
	query := request.Query()
	for name := range query {
		if len(query[name]) != 1 {
			return fmt.Errorf("%s is there more than once", name)
		}
	}
	signed, err := time.Parse(amzDate, query.Get("X-Amz-Date"))
	if err != nil {
		return err
	}
	for name, wanted := range map[string]string{
		"Action":               "GetCallerIdentity",
		"Version":              "2011-06-15",
		"X-Amz-Algorithm":      "AWS4-HMAC-SHA256",
		"X-Amz-SignedHeaders":  "host;x-k8s-aws-id",
		"X-Amz-Security-Token": eks.keys.SessionToken,
		"X-Amz-Credential":     eks.keys.AccessKeyID + "/" + eks.scope(signed),
		"X-Amz-Signature":      eks.signature(host, query, signed),
	} {
		if !hmac.Equal([]byte(query.Get(name)), []byte(wanted)) {
			return fmt.Errorf("%s is not as it should be", name)
		}
	}
	if age := eks.now().Sub(signed); age > eksValidFor || age < -eksSkew {
		return fmt.Errorf("signed %s ago", age)
	}
	return nil
}

func (eks *eksAuthenticator) scope(signed time.Time) string {
	return strings.Join([]string{signed.Format("20060102"), eks.region, "sts", "aws4_request"}, "/")
}

// signature is AWS Signature Version 4 of the presigned request.
func (eks *eksAuthenticator) signature(host string, query url.Values, signed time.Time) string {
	canonical := strings.Join([]string{
		"GET", "/", canonicalQuery(query),
		"host:" + host, "x-k8s-aws-id:" + eks.cluster, "",
		"host;x-k8s-aws-id", emptyBodyHash,
	}, "\n")
	hash := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", signed.Format(amzDate), eks.scope(signed), hex.EncodeToString(hash[:])}, "\n")
	key := []byte("AWS4" + eks.keys.SecretAccessKey)
	for _, part := range append(strings.Split(eks.scope(signed), "/"), text) {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

// canonicalQuery: sorted by name, encoded as AWS does, without the signature.
func canonicalQuery(query url.Values) string {
	var parts []string
	for name, values := range query {
		if name != "X-Amz-Signature" {
			parts = append(parts, awsEscape(name)+"="+awsEscape(values[0]))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "&")
}

func awsEscape(text string) string {
	return strings.NewReplacer("+", "%20", "%7E", "~").Replace(url.QueryEscape(text))
}
