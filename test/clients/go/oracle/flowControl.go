package main

import (
	"net/http"
	"net/url"
	_ "unsafe" // For go:linkname.

	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/apis/flowcontrol/bootstrap"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/storage"
	"k8s.io/apiserver/pkg/storage/feature"
	_ "k8s.io/apiserver/pkg/util/flowcontrol"
	flowrequest "k8s.io/apiserver/pkg/util/flowcontrol/request"
	"k8s.io/apiserver/pkg/util/shufflesharding"
)

type allocProblemItem struct{ target, lowerBound, upperBound float64 }

//go:linkname computeConcurrencyAllocation k8s.io/apiserver/pkg/util/flowcontrol.computeConcurrencyAllocation
func computeConcurrencyAllocation(requiredSum int, classes []allocProblemItem) ([]float64, float64, error)

//go:linkname hashFlowID k8s.io/apiserver/pkg/util/flowcontrol.hashFlowID
func hashFlowID(schema, distinguisher string) uint64

var requestInfos = request.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}

// An etcd that can all that is asked of it.
type newEtcd struct{ feature.FeatureSupportChecker }

func (newEtcd) Supports(storage.Feature) bool { return true }

func init() {
	feature.DefaultFeatureSupportChecker = newEtcd{feature.DefaultFeatureSupportChecker}
	asks["requestInfo"] = requestInfo
	asks["hand"] = hand
	asks["allocation"] = allocation
	asks["workEstimate"] = workEstimate
	asks["bootstrapFlows"] = bootstrapFlows
}

type target struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

func requestOf(asked target) (*http.Request, *request.RequestInfo, error) {
	address, err := url.ParseRequestURI(asked.URL)
	if err != nil {
		return nil, nil, err
	}
	received := &http.Request{Method: asked.Method, URL: address}
	info, err := requestInfos.NewRequestInfo(received)
	if err != nil {
		return nil, nil, err
	}
	return received.WithContext(request.WithRequestInfo(received.Context(), info)), info, nil
}

func requestInfo(asked question) (any, error) {
	read, err := input[target](asked)
	if err != nil {
		return nil, err
	}
	_, info, err := requestOf(read)
	return info, err
}

func hand(asked question) (any, error) {
	read, err := input[struct {
		Schema, Distinguisher string
		Queues, HandSize      int
	}](asked)
	if err != nil {
		return nil, err
	}
	dealer, err := shufflesharding.NewDealer(read.Queues, read.HandSize)
	if err != nil {
		return nil, err
	}
	return dealer.DealIntoHand(hashFlowID(read.Schema, read.Distinguisher), make([]int, read.HandSize)), nil
}

func allocation(asked question) (any, error) {
	read, err := input[struct {
		Seats  int
		Levels []struct{ Lower, Upper, Target float64 }
	}](asked)
	if err != nil {
		return nil, err
	}
	var items []allocProblemItem
	for _, level := range read.Levels {
		items = append(items, allocProblemItem{level.Target, level.Lower, level.Upper})
	}
	given, _, err := computeConcurrencyAllocation(read.Seats, items)
	return given, err
}

func workEstimate(asked question) (any, error) {
	read, err := input[struct {
		target
		Objects, ObjectBytes int64
		Watches              int
		Most                 uint64
	}](asked)
	if err != nil {
		return nil, err
	}
	received, _, err := requestOf(read.target)
	if err != nil {
		return nil, err
	}
	stats := func(string) (storage.Stats, error) {
		return storage.Stats{ObjectCount: read.Objects, EstimatedAverageObjectSizeBytes: read.ObjectBytes}, nil
	}
	watches := func(*request.RequestInfo) int { return read.Watches }
	most := func(string) uint64 { return read.Most }
	estimate := flowrequest.NewWorkEstimator(stats, watches, flowrequest.DefaultWorkEstimatorConfig(), most)
	return estimate(received, "schema", "level"), nil
}

func bootstrapFlows(question) (any, error) {
	return map[string]any{
		"mandatoryLevels":  bootstrap.MandatoryPriorityLevelConfigurations,
		"mandatorySchemas": bootstrap.MandatoryFlowSchemas,
		"suggestedLevels":  bootstrap.SuggestedPriorityLevelConfigurations,
		"suggestedSchemas": bootstrap.SuggestedFlowSchemas,
	}, nil
}
