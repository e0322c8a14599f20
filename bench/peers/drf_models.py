"""The registry's tables as Django sees them."""

from django.contrib.postgres.fields import ArrayField, DateRangeField, DateTimeRangeField
from django.db import models


class Cooperative(models.Model):
    """The present."""

    id = models.UUIDField(primary_key=True)
    registration_number = models.TextField()
    name = models.TextField()
    legal_form = models.TextField()
    life = models.TextField()
    legal_registration = models.TextField()
    cps_status = models.TextField()
    commune_code = models.TextField()
    path = ArrayField(models.TextField())
    sector_codes = ArrayField(models.TextField())
    cps_tags = ArrayField(models.TextField())
    members_count = models.IntegerField()
    women_count = models.IntegerField()
    registered_on = models.DateField()
    version = models.IntegerField()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "cooperative"


class CooperativeVersion(models.Model):
    """What the register says, valid and recorded."""

    id = models.UUIDField(primary_key=True)
    cooperative_id = models.UUIDField()
    revision = models.IntegerField()
    valid = DateRangeField()
    recorded = DateTimeRangeField()
    public = models.JSONField()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "cooperative_version"


class Filing(models.Model):
    """A filing: one row."""

    id = models.UUIDField(primary_key=True)
    type = models.TextField()
    status = models.TextField()
    organisation_id = models.TextField()
    payload = models.JSONField()
    path = ArrayField(models.TextField())
    created_by = models.TextField()
    filers = ArrayField(models.TextField())
    created_at = models.DateTimeField()
    version = models.IntegerField()

    class Meta:
        app_label = "bench"
        managed = False
        db_table = "filing"
