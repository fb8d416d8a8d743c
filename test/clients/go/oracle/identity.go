package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"os"

	api "k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/bearertoken"
	"k8s.io/apiserver/pkg/authentication/request/headerrequest"
	"k8s.io/apiserver/pkg/authentication/request/websocket"
	requestx509 "k8s.io/apiserver/pkg/authentication/request/x509"
	"k8s.io/apiserver/pkg/authentication/token/tokenfile"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
	jose "gopkg.in/go-jose/go-jose.v2"
)

func init() {
	asks["bearerToken"] = bearerToken
	asks["requestHeader"] = requestHeader
	asks["certificate"] = certificate
	asks["tokenFile"] = tokenFile
	asks["idToken"] = idToken
}

type identity struct {
	Name   string              `json:"name"`
	UID    string              `json:"uid"`
	Groups []string            `json:"groups"`
	Extra  map[string][]string `json:"extra"`
}

func identityOf(response *authenticator.Response, known bool, err error) (any, error) {
	if err != nil || !known {
		return nil, err
	}
	return identity{response.User.GetName(), response.User.GetUID(), response.User.GetGroups(), response.User.GetExtra()}, nil
}

func headersOf(asked question) (*http.Request, error) {
	headers, err := input[map[string][]string](asked)
	received := &http.Request{Header: http.Header{}}
	for name, values := range headers {
		for _, value := range values {
			received.Header.Add(name, value)
		}
	}
	return received, err
}

// The token itself, as a user's name.
var everyToken = authenticator.TokenFunc(func(_ context.Context, token string) (*authenticator.Response, bool, error) {
	return &authenticator.Response{User: &user.DefaultInfo{Name: token}}, true, nil
})

func bearerToken(asked question) (any, error) {
	received, err := headersOf(asked)
	if err != nil {
		return nil, err
	}
	for _, each := range []authenticator.Request{bearertoken.New(everyToken), websocket.NewProtocolAuthenticator(everyToken)} {
		response, known, err := each.AuthenticateRequest(received)
		if known || err != nil {
			return identityOf(response, known, err)
		}
	}
	return nil, nil
}

func requestHeader(asked question) (any, error) {
	received, err := headersOf(asked)
	if err != nil {
		return nil, err
	}
	proxied, err := headerrequest.New([]string{"X-Remote-User", "X-Other-User"}, []string{"X-Remote-Uid"}, []string{"X-Remote-Group", "X-Other-Group"}, []string{"X-Remote-Extra-", "X-Other-Extra-"})
	if err != nil {
		return nil, err
	}
	return identityOf(proxied.AuthenticateRequest(received))
}

// Certificates, the client's first, and the authority's last.
func certificate(asked question) (any, error) {
	var chain []*x509.Certificate
	for rest := []byte(asked.Text); ; {
		block, others := pem.Decode(rest)
		if block == nil {
			break
		}
		read, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		chain, rest = append(chain, read), others
	}
	options := requestx509.DefaultVerifyOptions()
	options.Roots = x509.NewCertPool()
	options.Roots.AddCert(chain[len(chain)-1])
	received := &http.Request{TLS: &tls.ConnectionState{PeerCertificates: chain[:len(chain)-1]}}
	return identityOf(requestx509.New(options, requestx509.CommonNameUserConversion).AuthenticateRequest(received))
}

func tokenFile(asked question) (any, error) {
	read, err := input[struct{ File, Token string }](asked)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "oracle")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	if _, err := file.WriteString(read.File); err != nil {
		return nil, err
	}
	known, err := tokenfile.NewCSV(file.Name())
	if err != nil {
		return nil, err
	}
	return identityOf(known.AuthenticateToken(context.Background(), read.Token))
}

type fixedKeys struct{ jose.JSONWebKeySet }

func (keys fixedKeys) VerifySignature(_ context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSigned(token)
	if err != nil {
		return nil, err
	}
	return signed.Verify(keys.Keys[0])
}

// An AuthenticationConfiguration with one issuer, its keys, and a token.
func idToken(asked question) (any, error) {
	read, err := input[struct {
		Keys  jose.JSONWebKeySet
		Token string
	}](asked)
	if err != nil {
		return nil, err
	}
	configuration, err := configReaders["AuthenticationConfiguration"]("", []byte(asked.Text))
	if err != nil {
		return nil, err
	}
	known, err := oidc.New(context.Background(), oidc.Options{
		JWTAuthenticator:     configuration.(*api.AuthenticationConfiguration).JWT[0],
		KeySet:               fixedKeys{read.Keys},
		Compiler:             claimCompiler,
		SupportedSigningAlgs: oidc.AllValidSigningAlgorithms(),
	})
	if err != nil {
		return nil, err
	}
	return identityOf(known.AuthenticateToken(context.Background(), read.Token))
}
