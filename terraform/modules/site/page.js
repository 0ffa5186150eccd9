// Viewer request, default behaviour: a path whose last part has no dot is a link into the page.
function handler(event) {
  var request = event.request;
  if (request.uri.split('/').pop().indexOf('.') === -1) {
    request.uri = '/index.html';
  }
  return request;
}
