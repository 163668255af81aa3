"""The words of the sheet « Mode d'emploi » of an exported plan."""

GUIDE = (
    "Ce classeur contient le plan d'action tel qu'il est enregistré.",
    "Vous pouvez le corriger, le compléter, puis le renvoyer.",
    "Une ligne par action. Une sous-action a sa propre ligne : répétez-y le titre de son action.",
    "Seules les cellules que vous modifiez seront prises en compte.",
    "Une ligne supprimée ici n'est pas supprimée du plan.",
    "Plusieurs personnes : séparez-les par des virgules. La première pilote, les autres contribuent.",
    "Dates : JJ/MM/AAAA. Montants : en euros, sans texte. Formules : collez plutôt leur valeur.",
    "Vous pouvez déplacer, masquer ou ajouter des colonnes : elles sont reconnues par leur titre.",
    "La dernière colonne, masquée, sert à retrouver chaque ligne : si vous copiez une ligne, videz-la.",
    "Avant d'enregistrer quoi que ce soit, l'import vous montre ce qui changerait, ligne par ligne.",
)
