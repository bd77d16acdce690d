"""AWS Signature Version 4 in a few lines, for tests that speak S3 by hand."""
import datetime
import hashlib
import hmac


def sign(env, address, method, path, payload="UNSIGNED-PAYLOAD", headers=()):
    """The headers of a request to "HOST:PORT" with the keys of `env`."""
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    fields = {"host": address, "x-amz-content-sha256": payload, "x-amz-date": stamp, **dict(headers)}
    names = ";".join(sorted(fields))
    canonical = "\n".join([method, path, "", *(f"{k}:{fields[k]}" for k in sorted(fields)), "", names, payload])
    scope = f"{day}/us-east-1/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + env["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in (day, "us-east-1", "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    fields["authorization"] = (f"AWS4-HMAC-SHA256 Credential={env['AWS_ACCESS_KEY_ID']}/{scope}, "
                               f"SignedHeaders={names}, Signature={signature}")
    return fields
