window.ui = SwaggerUIBundle({
  url: "/v1/openapi.json",
  dom_id: "#contract",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
