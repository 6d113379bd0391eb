"""What botocore makes of random requests, of answers and of configurations, one JSON document per line.

oracle.py sign SEED COUNT          random requests and their Authorization
oracle.py xml SEED COUNT           random answers to DescribeInstances and what botocore's parser reads in them
oracle.py chain DIRECTORY PORT     configurations below DIRECTORY and the access key that botocore finds
"""

import base64
import datetime
import json
import os
import random
import sys
import urllib.parse
from xml.sax.saxutils import escape

try:
    import botocore.auth
    import botocore.parsers
    import botocore.session
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    sys.exit("oracle.py: botocore is missing: run scripts/setup test")

MOMENT = datetime.datetime(2027, 3, 9, 8, 5, 7, tzinfo=datetime.timezone.utc)
TEXTS = ["a", "Z", "0", "-", "_", ".", "~", "/", "+", "*", ":", "@", "=", "&", "%", "%2F", "%25", " ", "  ", "ä", "ß",
         "日本", "🦀", "é", "!", "'", "(", ")", ",", ";", "$", "<", ">", "\"", "{", "|", "^", "`"]


def words(choose, pool, most):
    return "".join(choose.choice(pool) for _ in range(choose.randint(0, most)))


def path(choose):
    segments = [choose.choice(["", ".", "..", words(choose, [t for t in TEXTS if t != "/"], 8)])
                for _ in range(choose.randint(0, 6))]
    return "/" + "/".join(segments)


def query(choose):
    def encoded(most):
        return urllib.parse.quote(words(choose, TEXTS, most), safe="-_.~")
    pairs = []
    for _ in range(choose.randint(0, 6)):
        name = "k" + encoded(4)
        pairs.append(name if choose.random() < 0.1 else name + "=" + encoded(6))
        if choose.random() < 0.2:
            pairs.append(name + "=" + encoded(3))
    choose.shuffle(pairs)
    return "&".join(pairs)


def headers(choose, host):
    pool = [t for t in TEXTS if t.isascii()] + ["\t", "   "]
    result = [("Host", host)]
    for _ in range(choose.randint(0, 6)):
        name = choose.choice(["X-Amz-Target", "Content-Type", "x-custom", "X-Custom-2", "My-Header", "User-Agent",
                              "Expect", "X-AMZ-Meta-a", "Accept", "X-Amzn-Trace-Id", "Zeta"])
        value = words(choose, pool, 10)
        result.append((choose.choice([name, name.lower(), name.upper()]), value))
    choose.shuffle(result)
    return result


def sign(seed, count):
    choose = random.Random(seed)
    known = {name for name in ("get_current_datetime",) if hasattr(botocore.auth, name)}
    if not known:
        sys.exit("oracle.py: this botocore has no clock to set")
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: (
        MOMENT.replace(tzinfo=None) if remove_tzinfo else MOMENT)
    for _ in range(count):
        host = choose.choice(["ec2.eu-central-1.amazonaws.com", "127.0.0.1:5000", "example.com", "[::1]:8080"])
        case = {
            "method": choose.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]), "path": path(choose),
            "query": query(choose), "headers": headers(choose, host), "region": choose.choice(["eu-central-1", "x-1"]),
            "service": choose.choice(["ec2", "sts", "elasticloadbalancing"]),
            "key": "AKID" + words(choose, list("ABC234"), 16),
            "secret": words(choose, list("abcXYZ0189/+"), 40) + "s",
            "token": words(choose, list("abcXYZ0189/+="), 300) + "t" if choose.random() < 0.5 else None,
        }
        body = choose.choice([b"", words(choose, TEXTS, 40).encode(), choose.randbytes(choose.randint(0, 200))])
        url = "https://" + host + case["path"] + ("?" + case["query"] if case["query"] else "")
        request = AWSRequest(method=case["method"], url=url, data=body)
        for name, value in case["headers"]:
            request.headers[name] = value
        auth = botocore.auth.SigV4Auth(
            Credentials(case["key"], case["secret"], case["token"]), case["service"], case["region"])
        auth.add_auth(request)
        case["body"] = base64.b64encode(body).decode()
        case["date"] = request.headers["X-Amz-Date"]
        case["authorization"] = request.headers["Authorization"]
        print(json.dumps(case))


class Answers:
    """Random answers to DescribeInstances, with the fields that the service has and some that it has not."""

    def __init__(self, seed):
        self.choose = random.Random(seed)
        model = botocore.session.get_session().get_service_model("ec2")
        self.shape = model.operation_model("DescribeInstances").output_shape

    def text(self):
        pool = [t for t in TEXTS if t not in ("  ",)] + ["]]", "&", "<", "\n", "\t", "\u00a0", "x" * 40]
        return words(self.choose, pool, 6)

    def leaf(self, shape):
        kind = shape.type_name
        if kind == "boolean":
            return self.choose.choice(["true", "false"])
        if kind in ("integer", "long"):
            return str(self.choose.randint(-5, 10**6))
        if kind in ("float", "double"):
            return repr(self.choose.random())
        if kind == "timestamp":
            return "20%02d-0%d-1%dT0%d:11:12Z" % tuple(self.choose.randint(1, 9) for _ in range(4))
        text = self.text()
        if text and "]]" not in text and self.choose.random() < 0.1:
            return "<![CDATA[" + text + "]]>"
        result = escape(text)
        if self.choose.random() < 0.3:
            result += self.choose.choice(["&#228;", "&#x1F980;", "&quot;", "&apos;", "&gt;"])
        return result

    def space(self):
        return self.choose.choice(["", "", "\n    ", " ", "<!-- a comment -->"])

    def element(self, name, shape, depth):
        if shape.type_name == "structure":
            inner = []
            for member, inner_shape in shape.members.items():
                if self.choose.random() < (0.9 if depth < 3 else 0.35):
                    inner.append(self.element(inner_shape.serialization.get("name", member), inner_shape, depth + 1))
            if self.choose.random() < 0.1:
                inner.append("<unknownThing><item>" + escape(self.text()) + "</item></unknownThing>")
            self.choose.shuffle(inner)
        elif shape.type_name == "list":
            inner = [self.element(shape.member.serialization.get("name", "member"), shape.member, depth + 1)
                     for _ in range(self.choose.randint(0, 3))]
        else:
            return "<%s>%s</%s>" % (name, self.leaf(shape), name)
        if not inner and self.choose.random() < 0.5:
            return "<%s/>" % name
        # White space alone would be a text for us, and is nothing for botocore.
        content = "".join(self.space() + part for part in inner) + (self.space() if inner else "")
        return "<%s>%s</%s>" % (name, content, name)

    def document(self):
        inner = self.element("R", self.shape, 0)
        inner = "" if inner == "<R/>" else inner[3:-4]
        return ('<?xml version="1.0" encoding="UTF-8"?>\n<DescribeInstancesResponse '
                'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId>'
                + inner + "</DescribeInstancesResponse>")


def flattened(shape, value, at, result):
    if shape.type_name == "structure":
        if not value and at:
            result[at] = ""
        for name, member in shape.members.items():
            if name in value:
                flattened(member, value[name], at + "/" + member.serialization.get("name", name), result)
    elif shape.type_name == "list":
        if not value:
            result[at] = ""
        for index, item in enumerate(value):
            flattened(shape.member, item, "%s/%d" % (at, index), result)
    elif shape.type_name == "boolean":
        result[at] = "true" if value else "false"
    elif shape.type_name == "timestamp":
        result[at] = value.strftime("%Y-%m-%dT%H:%M:%SZ")
    elif shape.type_name in ("float", "double"):
        result[at] = repr(value)
    else:
        result[at] = str(value)


def xml(seed, count):
    answers = Answers(seed)
    parser = botocore.parsers.create_parser("ec2")
    for _ in range(count):
        document = answers.document()
        parsed = parser.parse({"body": document.encode(), "headers": {}, "status_code": 200}, answers.shape)
        parsed.pop("ResponseMetadata", None)
        expected = {}
        flattened(answers.shape, parsed, "", expected)
        print(json.dumps({"xml": document, "expected": expected}))


def chain(directory, port):
    sys.path.insert(0, os.path.dirname(__file__))
    from situations import situations
    base = dict(os.environ)
    for number, (name, profile, environment, files) in enumerate(situations("http://127.0.0.1:" + port)):
        home = os.path.join(directory, str(number))
        os.makedirs(os.path.join(home, ".aws"))
        for file, content in files.items():
            with open(os.path.join(home, file), "w") as output:
                output.write(content.replace("@HOME@", home))
        variables = {"HOME": home, "PATH": base.get("PATH", ""), "AWS_EC2_METADATA_DISABLED": "true",
                     "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
                     "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:" + port + "/sts"}
        for key, value in environment.items():
            if value is None:
                variables.pop(key, None)
            else:
                variables[key] = value.replace("@HOME@", home)
        os.environ.clear()
        os.environ.update(variables)
        try:
            found = botocore.session.Session(profile=profile).get_credentials()
            key = found.get_frozen_credentials() if found else None
            expected = [key.access_key, key.secret_key, key.token] if key else None
        except Exception as error:  # whatever botocore refuses with
            expected = "error: " + type(error).__name__
        print(json.dumps({"name": name, "profile": profile, "environment": variables, "expected": expected}))


if __name__ == "__main__":
    if sys.argv[1] == "sign":
        sign(int(sys.argv[2]), int(sys.argv[3]))
    elif sys.argv[1] == "xml":
        xml(int(sys.argv[2]), int(sys.argv[3]))
    else:
        chain(sys.argv[2], sys.argv[3])
