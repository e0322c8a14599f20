"""Serializers, views and addresses."""

from datetime import UTC, datetime
from uuid import uuid4

from django.shortcuts import get_object_or_404
from django.urls import path
from rest_framework import generics, pagination, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.peers.drf_models import Cooperative, CooperativeVersion, Filing


class Officer(serializers.Serializer):
    """Who holds a mandate."""

    family_name = serializers.CharField()
    given_names = serializers.CharField()
    organ = serializers.CharField()
    function = serializers.CharField()
    from_on = serializers.CharField()
    to_on = serializers.CharField(allow_null=True)


class Detail(serializers.Serializer):
    """What the register says about a cooperative."""

    id = serializers.CharField()
    registration_number = serializers.CharField()
    name = serializers.CharField()
    legal_form = serializers.CharField()
    life = serializers.CharField()
    legal_registration = serializers.CharField()
    cps_status = serializers.CharField()
    ess_status = serializers.CharField()
    commune_code = serializers.CharField()
    region_code = serializers.CharField()
    authority_code = serializers.CharField()
    object = serializers.CharField()
    common_bond = serializers.CharField()
    sector_codes = serializers.ListField(child=serializers.CharField())
    cps_tags = serializers.ListField(child=serializers.CharField())
    share_value_xof = serializers.IntegerField(allow_null=True)
    capital_xof = serializers.IntegerField(allow_null=True)
    members_count = serializers.IntegerField()
    women_count = serializers.IntegerField()
    men_count = serializers.IntegerField()
    sex_not_stated_count = serializers.IntegerField()
    registered_on = serializers.CharField()
    officers = Officer(many=True)
    as_of = serializers.DateField()
    known_at = serializers.DateTimeField()
    revision = serializers.IntegerField()


class Read(APIView):
    """One cooperative, today."""

    def get(self, request, id):
        now = datetime.now(UTC)
        found = get_object_or_404(
            CooperativeVersion.objects.only("public", "revision"),
            cooperative_id=id,
            valid__contains=now.date(),
            recorded__upper_inf=True,
        )
        moment = {"as_of": now.date(), "known_at": now, "revision": found.revision}
        return Response(Detail({**found.public, **moment}).data)


class Summary(serializers.ModelSerializer):
    """A cooperative in a list."""

    region_code = serializers.SerializerMethodField()

    class Meta:
        model = Cooperative
        exclude = ["path"]

    def get_region_code(self, row):
        return row.path[-2]


class ById(pagination.CursorPagination):
    """Fifty by id."""

    page_size = 50
    ordering = "id"


class Listing(generics.ListAPIView):
    """All cooperatives."""

    queryset = Cooperative.objects.all()
    serializer_class = Summary
    pagination_class = ById


class Member(serializers.Serializer):
    """A founding member."""

    id = serializers.CharField()
    family_name = serializers.CharField()
    given_names = serializers.CharField()
    sex = serializers.ChoiceField(["F", "M", "NOT_STATED"])
    birth_year = serializers.IntegerField()
    nin = serializers.CharField()
    phone = serializers.CharField()
    shares = serializers.IntegerField()


class Payload(serializers.Serializer):
    """What is declared."""

    legal_form = serializers.CharField()
    name = serializers.CharField()
    object = serializers.CharField()
    common_bond = serializers.CharField()
    seat = serializers.DictField()
    sector_codes = serializers.ListField(child=serializers.CharField())
    cps_tags = serializers.ListField(child=serializers.CharField())
    assembly_on = serializers.CharField()
    share_value_xof = serializers.IntegerField()
    capital_xof = serializers.IntegerField()
    members = Member(many=True)
    officers = serializers.ListField(child=serializers.DictField())


class FilingSerializer(serializers.ModelSerializer):
    """A filing as it comes in and goes out."""

    payload = Payload()

    class Meta:
        model = Filing
        fields = ["id", "type", "status", "organisation_id", "payload", "created_at", "version"]
        read_only_fields = ["id", "status", "organisation_id", "created_at", "version"]


class Filings(generics.CreateAPIView):
    """A filing begins: one validated body, one row, one commit."""

    queryset = Filing.objects.all()
    serializer_class = FilingSerializer

    def perform_create(self, serializer):
        given = serializer.validated_data
        serializer.instance = Filing.objects.create(
            id=uuid4(), status="DRAFT", organisation_id="bench", path=[], created_by="bench",
            filers=["bench"], created_at=datetime.now(UTC), version=1, **given,
        )  # fmt: skip


urlpatterns = [
    path("v1/cooperatives", Listing.as_view()),
    path("v1/cooperatives/<uuid:id>", Read.as_view()),
    path("v1/filings", Filings.as_view()),
]
