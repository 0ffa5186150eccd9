// Viewer request, behaviour of /api/*: the API gets the path without /api.
function handler(event) {
  var request = event.request;
  request.uri = request.uri.replace(/^\/api\//, '/');
  return request;
}
