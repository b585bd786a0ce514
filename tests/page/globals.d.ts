// What stands in the page beside its own script.
declare const L: any; // Leaflet
declare const map_review: any; // the map that folium makes
