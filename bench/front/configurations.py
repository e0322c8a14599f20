"""nginx and HAProxy as their guides set them up to stand before a service, with one worker."""

import os

_NGINX = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 32768;
pid HOME/pid;
{user}
events {{ worker_connections 16384; }}
http {{
  access_log off;
  client_body_temp_path HOME/body;
  proxy_temp_path HOME/proxy;
  fastcgi_temp_path HOME/fastcgi;
  uwsgi_temp_path HOME/uwsgi;
  scgi_temp_path HOME/scgi;
  keepalive_requests 1000000000;
  client_max_body_size 64m;
{inside}
}}
"""
_BEFORE = """\
  upstream service {{
    server 127.0.0.1:{behind} max_fails=0;
    keepalive 64;
    keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:PORT backlog=4096;
    location / {{
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      {extra}
    }}
  }}
"""
_ALONE = """\
  server {{
    listen 127.0.0.1:PORT backlog=4096;
    default_type application/json;
    location / {{ return 200 '{body}'; }}
  }}
"""
_HAPROXY = """\
global
  maxconn 4000
  nbthread 1
defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 75s
  option http-keep-alive
  http-reuse always
frontend door
  bind 127.0.0.1:{port} backlog 4096
  default_backend service
backend service
  server one 127.0.0.1:{behind}
"""
BODY = '{"id":"0197e6f2-6d3c-7d2a-9c57-0b1f8a4c7e11","name":"' + "x" * 516 + '"}'


def nginx_before(behind: int, extra: str = "") -> str:
    """nginx as a reverse proxy."""
    return _nginx(_BEFORE.format(behind=behind, extra=extra))


def nginx_alone() -> str:
    """nginx as a service that costs next to nothing."""
    return _nginx(_ALONE.format(body=BODY))


def haproxy_before(port: int, behind: int) -> str:
    """HAProxy as a reverse proxy."""
    return _HAPROXY.format(port=port, behind=behind)


def _nginx(inside: str) -> str:
    # started by root, it would give its worker to a user who may not enter our folder
    return _NGINX.format(inside=inside, user="user root;" if os.geteuid() == 0 else "")
