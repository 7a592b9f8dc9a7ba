"""Walks a browser's way through the provider: login.py URL CLIENT ACCOUNT prints an identity token."""

import base64
import http.cookiejar
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are walked by hand, since the last one leads to nobody."""

    def redirect_request(self, *_):
        return None


url, client, account = sys.argv[1:]
browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), Stay)


def walk(place, form=None):
    data = urllib.parse.urlencode(form).encode() if form else None
    try:
        answer = browser.open(urllib.request.Request(place, data))
        return answer.geturl(), None, answer.read().decode()
    except urllib.error.HTTPError as error:
        if error.code not in (302, 303):
            sys.exit(f"{place}: {error.code} {error.read().decode()}")
        return place, urllib.parse.urljoin(place, error.headers["Location"]), ""


query = {"client_id": client, "response_type": "code", "scope": "openid email", "redirect_uri": "http://127.0.0.1:1/callback"}
here, onward, page = walk(f"{url}/auth?{urllib.parse.urlencode(query)}")
for _ in range(12):
    if onward and onward.startswith("http://127.0.0.1:1/"):
        break
    if onward:
        here, onward, page = walk(onward)
        continue
    prompt = re.search(r'name="prompt" value="(\w+)"', page).group(1)
    action = urllib.parse.urljoin(here, re.search(r'action="([^"]+)"', page).group(1))
    here, onward, page = walk(action, {"prompt": prompt, "login": account, "password": "none"})
code = urllib.parse.parse_qs(urllib.parse.urlparse(onward).query)["code"][0]
secret = base64.b64encode(f"{client}:{client}-secret".encode()).decode()
form = {"grant_type": "authorization_code", "code": code, "redirect_uri": query["redirect_uri"]}
request = urllib.request.Request(f"{url}/token", urllib.parse.urlencode(form).encode(), {"Authorization": f"Basic {secret}"})
print(json.load(urllib.request.urlopen(request))["id_token"])
