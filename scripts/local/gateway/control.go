package gateway

import "net/http"

// Control returns the one operation of API Gateway's control plane that operators need here: FlushStageAuthorizersCache, at
// the path of the REST API of API Gateway. Signatures are not checked.
//
// https://docs.aws.amazon.com/apigateway/latest/api/API_FlushStageAuthorizersCache.html
func (g *Gateway) Control() http.Handler {
	control := http.NewServeMux()
	control.HandleFunc("DELETE /restapis/"+apiID+"/stages/"+g.options.Stage+"/cache/authorizers", func(w http.ResponseWriter, _ *http.Request) {
		g.FlushCache()
		w.WriteHeader(http.StatusAccepted)
	})
	control.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", "NotFoundException")
		w.WriteHeader(http.StatusNotFound)
	})
	return control
}

// CacheName names the authorizer cache as cognito-authorizer revoke --flush accepts it.
func (g *Gateway) CacheName() string { return "rest:" + apiID + "/" + g.options.Stage }
