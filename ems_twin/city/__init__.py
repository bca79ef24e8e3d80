"""The ground: a road network, stations and hospitals, and the bundle on disk that holds them."""

from .build import build_city as build_city
from .bundle import find_city as find_city
from .bundle import list_cities as list_cities
from .bundle import load_city as load_city
from .bundle import save_city as save_city
from .check import CityCheck as CityCheck
from .check import check_city as check_city
from .city import City as City
from .frames import export_city as export_city
from .frames import places_frame as places_frame
from .frames import roads_frame as roads_frame
from .nearest import nearest_node as nearest_node
from .nearest import nearest_nodes as nearest_nodes
from .nearest import road_distance_m as road_distance_m
from .places import SPECIALITIES as SPECIALITIES
from .places import Hospital as Hospital
from .places import Station as Station
from .projection import project as project
from .recipe import build_shipped as build_shipped
from .recipe import shipped_recipes as shipped_recipes
from .report import BuildReport as BuildReport
from .roads import ROAD_CLASSES as ROAD_CLASSES
from .roads import RoadNetwork as RoadNetwork
from .sources import read_source as read_source
