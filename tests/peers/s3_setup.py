"""Makes a user who may use one bucket, their key, and the bucket "outcomes". Run by .venv/peers, never imported; prints the key as JSON."""

from __future__ import annotations

import json
import sys

import boto3

told = {"endpoint_url": f"http://127.0.0.1:{sys.argv[1]}", "region_name": "eu-west-2"}
told |= {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing"}
iam, s3 = boto3.client("iam", **told), boto3.client("s3", **told)
iam.create_user(UserName="accord")
ours = ["arn:aws:s3:::outcomes", "arn:aws:s3:::outcomes/*"]
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": ours}]}
iam.put_user_policy(UserName="accord", PolicyName="one-bucket", PolicyDocument=json.dumps(policy))
key = iam.create_access_key(UserName="accord")["AccessKey"]
s3.create_bucket(Bucket="outcomes", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
print(json.dumps({"key_id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}))
