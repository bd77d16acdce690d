"""Creates a bucket and uploads files to it, with boto3's resource API. Endpoint and keys come from the environment."""

import os
import pathlib
import sys

import boto3
from botocore.client import Config

bucket_name, *files = sys.argv[1:]
s3 = boto3.resource("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=Config(signature_version="s3v4"))
bucket = s3.Bucket(bucket_name)
if bucket_name not in [b.name for b in s3.buckets.all()]:
    bucket.create()
for file in map(pathlib.Path, files):
    bucket.upload_file(str(file), file.name)
print(", ".join(f"s3://{bucket_name}/{o.key} ({o.size} bytes)" for o in bucket.objects.all()))
