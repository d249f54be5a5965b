pragma Singleton
import QtQuick

// Knows the last act, so that the tail of a double tap does not press what the next page shows at the same place.
QtObject {
    property string pageKey: ""
    property int shows: 0
    property int withinMs: 300
    property real reach: 12
    property bool isKeyboardUsed: false
    property real lastX: -1000
    property real lastY: -1000
    property real lastAt: 0
    property string lastKey: ""

    function isTail(x: real, y: real): bool {
        return pageKey !== lastKey && Date.now() - lastAt < withinMs && Math.abs(x - lastX) < reach && Math.abs(y - lastY) < reach;
    }

    function note(x: real, y: real): void {
        lastX = x;
        lastY = y;
        lastAt = Date.now();
        lastKey = pageKey;
    }
}
